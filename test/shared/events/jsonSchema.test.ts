import { describe, expect, it } from "vitest";
import { eventJsonSchema } from "../../../shared/events/jsonSchema.ts";
import { EVENT_TYPES } from "../../../shared/events/known.ts";
import { parseEvent } from "../../../shared/events/parse.ts";
import { sample } from "./samples.ts";
import { fitsSchema } from "./schemaCheck.ts";

const schema: Readonly<Record<string, unknown>> = JSON.parse(JSON.stringify(eventJsonSchema()));
const defaults = { newEventId: () => "", nowMs: () => 0, source: { component: "c", instance_id: "i" } };
const isTaken = (input: unknown) => parseEvent(input, defaults).ok;

/** Everything that one small mistake makes of a value: a part left out, or of another kind. */
function spoiled(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => spoiled(item).map((bad) => value.with(index, bad)));
  if (typeof value !== "object" || value === null)
    return [null, [], {}, "", -1, 0.5, "x".repeat(300), true].filter((bad) => bad !== value);
  return Object.entries(value).flatMap(([name, part]) => {
    const { [name]: _left, ...rest } = { ...value } as Record<string, unknown>;
    return [rest, { ...rest, [name]: 7 }, ...spoiled(part).map((bad) => ({ ...rest, [name]: bad }))];
  });
}

describe("The published JSON Schema", () => {
  it.each(EVENT_TYPES)("takes %s, and of what a mistake makes of it exactly what the bridge takes", (type) => {
    const input = sample(type);
    expect(fitsSchema(input, schema)).toBe(true);
    const differing = spoiled(input).filter((bad) => isTaken(bad) !== fitsSchema(bad, schema));
    expect(differing).toEqual([]);
  });

  it.each([
    ["a later type", { event_type: "job.paused", project_id: "p", job_id: "j", data: { instruction: 7 } }],
    ["a bare minimum", { event_type: "project.scanned", project_id: "p" }],
    ["an event of no session", { ...sample("task.created"), session_id: null, job_id: null }],
    ["a job without data that it needs", { event_type: "job.started", project_id: "p", job_id: "j" }],
    ["a job without its job", { event_type: "job.queued", project_id: "p" }],
    ["a session without its session", { event_type: "session.closed", project_id: "p", session_id: null }],
    ["a later job event without its job", { event_type: "job.paused", project_id: "p" }],
    ["an unknown domain", { event_type: "deploy.started", project_id: "p" }],
    ["a control event", { event_type: "stream.gap", project_id: "p" }],
    ["capitals", { event_type: "Job.queued", project_id: "p", job_id: "j" }],
    ["a misspelt field", { event_type: "project.scanned", project_id: "p", visability: "public" }],
    [
      "a leap day that there is not",
      { event_type: "project.scanned", project_id: "p", timestamp: "2026-02-29T00:00:00Z" },
    ],
  ])("agrees with the bridge on %s", (_what, input) => {
    expect(fitsSchema(input, schema)).toBe(isTaken(input));
  });

  it("is stricter than the bridge nowhere, though some rules for names are beyond it", () => {
    for (const project_id of ["../up", "/rooted", " padded", "a\nb"]) {
      const input = { event_type: "project.scanned", project_id };
      expect(isTaken(input)).toBe(false);
      expect(fitsSchema(input, schema)).toBe(true);
    }
  });
});
