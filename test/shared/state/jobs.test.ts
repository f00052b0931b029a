import { describe, expect, it } from "vitest";
import type { State } from "../../../shared/state/state.ts";
import { MAX_TOOL_CALLS, MAX_TOOL_CALLS_ENDED } from "../../../shared/state/toolCall.ts";
import { type EventFacts, stateAfter } from "../../builders/storedEvent.ts";

const of = (name: string, data: object = {}): EventFacts => ({ type: `job.${name}`, job: "j", data });
const started = of("started", { instruction: "Build" });
const jobAfter = (...facts: EventFacts[]) => stateAfter(facts).jobs.get("j");

describe("A job's life", () => {
  it.each<[string, readonly EventFacts[], string]>([
    ["queued", [of("queued")], "queued"],
    ["started", [of("queued"), started], "running"],
    ["heard of late", [of("progress", { message: "x" })], "running"],
    ["heard of by a tool", [of("tool_started", { tool: "Edit" })], "running"],
    ["completed", [started, of("completed")], "completed"],
    ["completed without success", [started, of("completed", { success: false })], "failed"],
    ["failed", [started, of("failed", { error: "x" })], "failed"],
    ["canceled before it started", [of("queued"), of("canceled")], "canceled"],
    ["progress after its end", [started, of("completed"), of("progress", { message: "late" })], "completed"],
    ["a tool after its end", [started, of("completed"), of("tool_started", { tool: "Edit" })], "completed"],
    ["started again", [started, of("failed", { error: "x" }), started], "running"],
  ])("%s", (_what, facts, state) => {
    expect(jobAfter(...facts)?.state).toBe(state);
  });

  it("has its length from its start, unless its producer knows better", () => {
    expect(jobAfter(started, of("progress"), of("completed"))?.duration_seconds).toBe(2);
    expect(jobAfter(started, of("completed", { duration_seconds: 0.25 }))?.duration_seconds).toBe(0.25);
    expect(jobAfter(of("completed"))?.duration_seconds).toBeNull();
  });

  it("begins anew without what its last run left", () => {
    const job = jobAfter(
      started,
      of("failed", { error: "Red", exit_code: 1, files_changed: ["a.ts"], diff_stat: "+1" }),
      started,
    );
    expect(job).toMatchObject({ error: null, exit_code: null, files_changed: [], diff_stat: null, ended_at: null });
  });

  it("keeps what it is told once", () => {
    const job = jobAfter(of("queued", { branch: "b", workspace: "/w", instruction: "First" }), started);
    expect(job).toMatchObject({ branch: "b", workspace: "/w", instruction: "Build" });
  });

  it.each([
    [{ message: "Reading" }, "Reading"],
    [{ tool: "Edit", action: "edit", file: "a.ts" }, "Edit edit a.ts"],
    [{ type: "thinking" }, "thinking"],
    [{}, ""],
  ])("says of its progress %j: %j", (data, text) => {
    expect(jobAfter(started, of("progress", data))?.progress).toEqual({ text, percent: null });
  });
});

describe("Tool calls", () => {
  const call = (tool: string, id?: string) => of("tool_started", { tool, tool_use_id: id });
  const done = (tool: string, data: object = {}) => of("tool_completed", { tool, ...data });
  const shown = (...facts: EventFacts[]) =>
    jobAfter(...facts)?.tool_calls.map(({ tool, state, call_id }) => `${tool} ${state} ${call_id}`);
  const event = (seq: number) => `00000000-0000-7000-8000-${String(seq).padStart(12, "0")}`;

  it.each<[string, readonly EventFacts[], readonly string[]]>([
    [
      "by id",
      [call("Edit", "1"), call("Edit", "2"), done("Edit", { tool_use_id: "1" })],
      ["Edit succeeded 1", "Edit running 2"],
    ],
    [
      "by name, the newest",
      [call("Edit", "1"), call("Edit", "2"), done("Edit")],
      ["Edit running 1", "Edit succeeded 2"],
    ],
    [
      "by name, one after the other",
      [call("Edit", "1"), call("Edit", "2"), done("Edit"), done("Edit")],
      ["Edit succeeded 1", "Edit succeeded 2"],
    ],
    ["not another tool's", [call("Edit", "1"), done("Bash")], ["Edit running 1", `Bash succeeded ${event(2)}`]],
    ["without a start", [done("Edit", { tool_use_id: "9" })], ["Edit succeeded 9"]],
    ["that failed", [call("Edit", "1"), done("Edit", { success: false })], ["Edit failed 1"]],
    ["that name an error", [call("Edit", "1"), done("Edit", { error: "No file" })], ["Edit failed 1"]],
    ["that their job left", [call("Edit", "1"), of("completed")], ["Edit failed 1"]],
    ["started twice", [call("Edit", "1"), call("Bash", "2"), call("Edit", "1")], ["Bash running 2", "Edit running 1"]],
    [
      "completed twice",
      [call("Edit", "1"), done("Edit", { tool_use_id: "1" }), done("Edit", { tool_use_id: "1" })],
      ["Edit succeeded 1"],
    ],
    ["without ids", [call("Edit"), done("Edit")], [`Edit succeeded ${event(1)}`]],
    [
      "with names of the language",
      [call("Edit", "__proto__"), done("Edit", { tool_use_id: "__proto__" })],
      ["Edit succeeded __proto__"],
    ],
  ])("are paired %s", (_what, facts, expected) => {
    expect(shown(...facts)).toEqual(expected);
  });

  it("are counted beyond those that are kept", () => {
    const facts = Array.from({ length: MAX_TOOL_CALLS + 5 }, (_, index) => call("Edit", String(index)));
    const job = jobAfter(...facts);
    expect(job?.tool_call_count).toBe(MAX_TOOL_CALLS + 5);
    expect(job?.tool_calls).toHaveLength(MAX_TOOL_CALLS);
    expect(job?.tool_calls[0]?.call_id).toBe("5");
    const ended = jobAfter(...facts, { type: "job.completed", job: "j" });
    expect(ended?.tool_call_count).toBe(MAX_TOOL_CALLS + 5);
    expect(ended?.tool_calls).toHaveLength(MAX_TOOL_CALLS_ENDED);
    expect(ended?.tool_calls.at(-1)?.call_id).toBe(String(MAX_TOOL_CALLS + 4));
  });

  it("are told apart by their ids from whichever state one goes on", () => {
    const ids = (state: State) => state.jobs.get("j")?.tool_calls.map(({ call_id }) => call_id);
    const first = stateAfter([call("Edit", "1"), call("Edit", "2")]);
    expect(ids(stateAfter([call("Edit", "3"), call("Edit", "1")], first))).toEqual(["2", "3", "1"]);
    expect(ids(stateAfter([call("Edit", "2"), call("Edit", "3")], first))).toEqual(["1", "2", "3"]);
    expect(ids(first)).toEqual(["1", "2"]);
    const many = Array.from({ length: MAX_TOOL_CALLS }, (_, index) => call("Edit", `later-${index}`));
    const forgotten = stateAfter([...many, call("Edit", "1")], first);
    expect(ids(forgotten)?.at(-1)).toBe("1");
    expect(new Set(ids(forgotten)).size).toBe(MAX_TOOL_CALLS);
  });
});
