/** The picture as a terminal shows it: projects, sessions, jobs, and what waits for an answer. */
import { describe, expect, it } from "vitest";
import { newLines, sessionsView } from "../../../bridge/cli/sessionsView.ts";
import type { StoredEvent } from "../../../shared/events/event.ts";
import { parseEvent } from "../../../shared/events/parse.ts";
import { reduce } from "../../../shared/state/reduce.ts";
import { EMPTY_STATE, type State } from "../../../shared/state/state.ts";

const AT = Date.parse("2026-11-23T12:00:00Z");
const NOW_MS = AT + 60_000;

function stored(events: readonly object[]): readonly StoredEvent[] {
  return events.map((event, index) => {
    const seq = index + 1;
    const parsed = parseEvent(
      { project_id: "shop", session_id: "main", ...event },
      {
        newEventId: () => `00000000-0000-4000-8000-${String(seq).padStart(12, "0")}`,
        nowMs: () => AT + seq * 1000,
        source: { component: "test", instance_id: "test" },
      },
    );
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    return { ...parsed.value, seq };
  });
}

const stateOf = (...events: readonly object[]): State => reduce(EMPTY_STATE, stored(events)).state;
const plain = (_style: unknown, text: string) => text;
const started = (job_id: string, instruction: string) => ({
  event_type: "job.started",
  job_id,
  data: { instruction },
});

describe("the view", () => {
  it("says what to do where nothing has run", () => {
    expect(sessionsView(EMPTY_STATE, plain, NOW_MS).join()).toMatch(/televibe run/);
  });

  it("shows the id behind a name that is another", () => {
    const state = stateOf(
      { event_type: "project.registered", session_id: null, data: { name: "Shop" } },
      { event_type: "session.created", session_id: "claude-7", data: { name: "Login form" } },
      { event_type: "session.created", session_id: "main", data: { name: "main" } },
    );
    expect(sessionsView(state, plain, NOW_MS)).toEqual(["Shop  shop", "  Login form idle  claude-7", "  main idle"]);
  });

  it("is a tree, newest job first, each with its outcome and what it waits for", () => {
    const state = stateOf(
      started("build-1", "Build it"),
      { event_type: "job.completed", job_id: "build-1", data: { duration_seconds: 12, diff_stat: "+3 -1" } },
      started("ship-1", "Ship it"),
      {
        event_type: "job.approval_needed",
        job_id: "ship-1",
        data: { approval_id: "abc-1", scope: "push", action: "git push", reason: "All green" },
      },
    );
    expect(sessionsView(state, plain, NOW_MS)).toEqual([
      "shop",
      "  main waiting",
      "    ? Ship it  waiting  ship-1",
      "      ? git push (push) — All green  abc-1",
      "    ✓ Build it  completed · 12s · +3 -1  build-1",
    ]);
  });

  it("tells how long there is for an answer, which agent works and what its model used", () => {
    const expires_at = new Date(NOW_MS + 30_000).toISOString();
    const state = stateOf(
      { event_type: "session.created", data: { name: "main", agent: "claude" } },
      started("t1", "Fix it"),
      { event_type: "job.completed", job_id: "t1", data: { usage: { input_tokens: 1200, cost_usd: 0.4 } } },
      started("t2", "Ship it"),
      {
        event_type: "job.approval_needed",
        job_id: "t2",
        data: { approval_id: "a", scope: "command", action: "git push", expires_at, on_timeout: "approve" },
      },
    );
    expect(sessionsView(state, plain, NOW_MS)).toEqual([
      "shop",
      "  main waiting · Claude Code · 1.2k tokens in, 0 out, $0.40",
      "    ? Ship it  waiting  t2",
      "      ? git push (command)  approved in 0:30  a",
      "    ✓ Fix it  completed · 1.0s · 1.2k tokens in, 0 out, $0.40  t1",
    ]);
  });

  it("tells how far a job has come, while it runs", () => {
    const events = [
      started("j1", "Build it"),
      { event_type: "job.progress", job_id: "j1", data: { message: "linking\nnow", percent: 49.6 } },
    ];
    expect(sessionsView(stateOf(...events), plain, NOW_MS).at(-1)).toBe(
      "    ▶ Build it  running · 50% · linking now  j1",
    );
    const done = { event_type: "job.completed", job_id: "j1", data: { duration_seconds: 3 } };
    expect(sessionsView(stateOf(...events, done), plain, NOW_MS).at(-1)).toBe("    ✓ Build it  completed · 3.0s  j1");
  });

  it("shows all jobs that go on, and of those that have ended only the newest", () => {
    const ended = Array.from({ length: 8 }, (_, index) => [
      started(`j${index}`, `Job ${index}`),
      { event_type: "job.failed", job_id: `j${index}`, data: { error: "no" } },
    ]).flat();
    const text = sessionsView(stateOf(started("old", "Still running"), ...ended), plain, NOW_MS).join("\n");
    expect(text).toMatch(/Still running/);
    expect(text.match(/✗/g)).toHaveLength(5);
    expect(text).not.toMatch(/Job 2 /);
  });

  it("lets no text of a job's move the cursor or forge a line", () => {
    const view = sessionsView(stateOf(started("j1", "x\u001b[2J\ny\u0007\u009b31m z")), plain, NOW_MS);
    for (const line of view) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(view).toHaveLength(3);
  });
});

describe("what is new", () => {
  it.each([
    { what: "all of it at first", before: [], after: ["a", "b"], expected: ["a", "b"] },
    { what: "nothing when nothing changed", before: ["a", "b"], after: ["a", "b"], expected: [] },
    { what: "the line that changed", before: ["a", "b running"], after: ["a", "b done"], expected: ["b done"] },
    { what: "nothing of what only moved or went", before: ["a", "b", "c"], after: ["c", "a"], expected: [] },
  ])("is $what", ({ before, after, expected }) => {
    expect(newLines(before, after)).toEqual(expected);
  });
});
