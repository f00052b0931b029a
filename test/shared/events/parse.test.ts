import { describe, expect, it } from "vitest";
import { EVENT_TYPES, isKnownEvent } from "../../../shared/events/known.ts";
import { type EventDefaults, parseEvent } from "../../../shared/events/parse.ts";
import { payloadSchemas } from "../../../shared/events/taxonomy.ts";
import { SAMPLE_DATA, sample } from "./samples.ts";

const defaults: EventDefaults = {
  newEventId: () => "01890000-0000-7000-8000-000000000001",
  nowMs: () => Date.parse("2026-11-23T10:00:00.000Z"),
  source: { component: "api", instance_id: "b1" },
};

const parse = (input: unknown) => parseEvent(input, defaults);

function parsed(input: unknown) {
  const result = parse(input);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

/** The places that are wrong; none when it is an event. */
function wrong(input: unknown): string[] {
  const result = parse(input);
  return result.ok ? [] : result.issues.map(({ path }) => path);
}

const progress = { event_type: "job.progress", project_id: "p", job_id: "j" };

describe("The taxonomy", () => {
  it("has the same types wherever it is written down", () => {
    expect([...EVENT_TYPES].sort()).toEqual(Object.keys(payloadSchemas).sort());
    expect(Object.keys(SAMPLE_DATA).sort()).toEqual([...EVENT_TYPES].sort());
  });

  it.each(EVENT_TYPES)("takes %s with all that it can hold, as it is", (type) => {
    const input = sample(type);
    const event = parsed(input);
    expect(event).toMatchObject(input);
    expect(isKnownEvent(event)).toBe(true);
    // What is complete stays as it is, wherever it is read again: in another bridge, from a file.
    expect(parsed(JSON.parse(JSON.stringify(event)))).toEqual(event);
  });
});

describe("An event at the door", () => {
  it("gets what it lacks", () => {
    expect(parsed(progress)).toEqual({
      event_id: "01890000-0000-7000-8000-000000000001",
      event_type: "job.progress",
      timestamp: "2026-11-23T10:00:00.000Z",
      source: { component: "api", instance_id: "b1" },
      project_id: "p",
      session_id: null,
      job_id: "j",
      data: {},
      visibility: "public",
      recipients: ["all"],
    });
  });

  it("keeps what it has, in one form", () => {
    const event = parsed({
      ...progress,
      event_id: "01890000-AAAA-7000-8000-0000000000FF",
      timestamp: "2026-11-23T12:30:00.5+02:00",
      source: { component: "runner", instance_id: "r1" },
      visibility: "internal",
      recipients: ["12", "-34"],
    });
    expect(event).toMatchObject({
      event_id: "01890000-aaaa-7000-8000-0000000000ff",
      timestamp: "2026-11-23T10:30:00.500Z",
      source: { component: "runner", instance_id: "r1" },
      visibility: "internal",
      recipients: ["12", "-34"],
    });
  });

  it("keeps data that this version does not know", () => {
    const data = { percent: 3, later: { deep: [1, null, { x: "y" }] } };
    expect(parsed({ ...progress, data }).data).toEqual(data);
    const actor = { name: "Ada", avatar: "a.png" };
    expect(parsed({ ...progress, event_type: "job.approved", data: { decided_by: actor } }).data).toEqual({
      decided_by: actor,
    });
  });

  it("keeps a type that a later version added to a known domain, whatever it holds", () => {
    const later = parsed({ ...progress, event_type: "job.paused", data: { instruction: 7 } });
    expect(later).toMatchObject({ event_type: "job.paused", data: { instruction: 7 } });
    expect(isKnownEvent(later)).toBe(false);
  });

  it.each(["toString", "constructor", "__proto__", "hasOwnProperty"])(
    "does not take job.%s for a type of its own",
    (name) => {
      const result = parse({ ...progress, event_type: `job.${name.toLowerCase()}` });
      if (result.ok) expect(isKnownEvent(result.value)).toBe(false);
      expect(wrong({ ...progress, event_type: name })).toEqual(["/event_type"]);
    },
  );
});

describe("What is no event", () => {
  const of = (event_type: string, data: unknown, rest: object = {}) => ({ ...progress, event_type, data, ...rest });

  it.each<[string, unknown, readonly string[]]>([
    ["nothing", undefined, [""]],
    ["null", null, [""]],
    ["a text", "job.progress", [""]],
    ["a list", [progress], [""]],
    ["an empty object", {}, ["/event_type", "/project_id"]],
    ["a misspelt field", { ...progress, projectId: "p" }, [""]],
    ["a seq of its own", { ...progress, seq: 1 }, [""]],
    ["a type of another kind", { ...progress, event_type: 7 }, ["/event_type"]],
    ["a type without a domain", { ...progress, event_type: "progress" }, ["/event_type"]],
    ["an unknown domain", { ...progress, event_type: "deploy.started" }, ["/event_type"]],
    ["a domain alone", { ...progress, event_type: "job." }, ["/event_type"]],
    ["a pattern", { ...progress, event_type: "job.*" }, ["/event_type"]],
    ["capitals", { ...progress, event_type: "Job.Progress" }, ["/event_type"]],
    ["a control event", { ...progress, event_type: "stream.gap" }, ["/event_type"]],
    ["a third part", { ...progress, event_type: "job.started.again" }, ["/event_type"]],
    ["a type that is too long", { ...progress, event_type: `job.${"x".repeat(65)}` }, ["/event_type"]],
    ["an id that is no UUID", { ...progress, event_id: "1" }, ["/event_id"]],
    ["a time without a zone", { ...progress, timestamp: "2026-11-23T10:00:00" }, ["/timestamp"]],
    ["a day that there is not", { ...progress, timestamp: "2026-02-30T10:00:00Z" }, ["/timestamp"]],
    ["a time in numbers", { ...progress, timestamp: 1_795_000_000 }, ["/timestamp"]],
    ["a source in one word", { ...progress, source: "runner" }, ["/source"]],
    ["half a source", { ...progress, source: { component: "runner" } }, ["/source/instance_id"]],
    ["a visibility of its own", { ...progress, visibility: "secret" }, ["/visibility"]],
    ["recipients that are nobody", { ...progress, recipients: [] }, ["/recipients"]],
    ["a recipient in numbers", { ...progress, recipients: ["all", 7] }, ["/recipients/1"]],
    ["no project", { event_type: "job.progress", job_id: "j" }, ["/project_id"]],
    ["data that are a list", { ...progress, data: [] }, ["/data"]],
    ["a job's event without its job", { event_type: "job.queued", project_id: "p" }, ["/job_id"]],
    ["a later job event without its job", { event_type: "job.paused", project_id: "p", job_id: null }, ["/job_id"]],
    ["a session's event without its session", { event_type: "session.closed", project_id: "p" }, ["/session_id"]],
    ["a start without data", { ...progress, event_type: "job.started" }, ["/data/instruction"]],
    ["a start that says nothing", of("job.started", { instruction: "" }), ["/data/instruction"]],
    ["a command in one word", of("job.started", { instruction: "x", command: "npm test" }), ["/data/command"]],
    ["a command with a number", of("job.started", { instruction: "x", command: ["npm", 1] }), ["/data/command/1"]],
    ["more than all", of("job.progress", { percent: 101 }), ["/data/percent"]],
    ["a tool without a name", of("job.tool_started", {}), ["/data/tool"]],
    ["a question without words", of("job.approval_needed", { scope: "" }), ["/data/scope", "/data/action"]],
    [
      "an end that is no time",
      of("job.approval_needed", { scope: "s", action: "a", expires_at: "soon" }),
      ["/data/expires_at"],
    ],
    ["an unknown surface", of("job.approved", { surface: "watch" }), ["/data/surface"]],
    ["an unknown outcome", of("job.denied", { outcome: "lost" }), ["/data/outcome"]],
    ["a decision by nobody", of("job.approved", { decided_by: {} }), ["/data/decided_by/name"]],
    ["a negative time", of("job.completed", { duration_seconds: -1 }), ["/data/duration_seconds"]],
    ["half an exit code", of("job.completed", { exit_code: 0.5 }), ["/data/exit_code"]],
    ["a failure without a cause", of("job.failed", {}), ["/data/error"]],
    ["a task without a name", of("task.completed", {}), ["/data/task_id"]],
    ["several faults", of("job.failed", { exit_code: "1" }), ["/data/error", "/data/exit_code"]],
    ["a conflict in no file", of("coordination.conflict_detected", {}), ["/data/files"]],
  ])("is %s", (_what, input, paths) => {
    expect(wrong(input).sort()).toEqual([...paths].sort());
  });

  it.each([
    "",
    " p",
    "p ",
    "a\u0000b",
    "a\nb",
    "/p",
    "p/",
    "a//b",
    "../p",
    "a/../b",
    "./p",
    ".",
    "..",
    "a\\b",
    "p".repeat(201),
  ])("is one of the project %j", (project_id) => {
    expect(wrong({ ...progress, project_id })).not.toEqual([]);
  });

  it.each(["", "../x", "a/b", "a b", "-a", "a-", "a..b", "é", "a\n", "j".repeat(129)])(
    "is one of the job %j",
    (job_id) => {
      expect(wrong({ ...progress, job_id })).not.toEqual([]);
    },
  );

  it.each(["p", "org/repo", "Ünïcode 日本", "a.b", "...", "__proto__", "p".repeat(200)])(
    "is not one of the project %j",
    (project_id) => {
      expect(parsed({ ...progress, project_id }).project_id).toBe(project_id);
    },
  );

  it("is told by a pointer that can be followed, whatever the field is called", () => {
    const recipients = ["all"];
    expect(wrong({ ...progress, event_type: "job.started", data: { instruction: 1 }, recipients })).toEqual([
      "/data/instruction",
    ]);
    const result = parse({ ...progress, event_type: "stream.gap" });
    expect(result.ok ? "" : result.issues[0]?.message).toContain("reserved");
  });
});
