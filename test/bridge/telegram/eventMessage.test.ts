/** The specification's mapping of events to messages, as a table; every event type of the taxonomy is in it. */
import { describe, expect, it } from "vitest";
import { eventNotice } from "../../../bridge/telegram/notify/eventMessage.ts";
import { EVENT_TYPES } from "../../../shared/events/known.ts";
import { type EventFacts, storedEvent } from "../../builders/storedEvent.ts";
import { plain } from "./bridgeParts.ts";

const job = "8a7c-job";
type Row = readonly [facts: EventFacts, text: string, delivery: string, kind: string, line: string];

const TOLD: readonly Row[] = [
  [
    { type: "job.queued", job, data: { instruction: "add login" } },
    "📋 s1: queued: add login",
    "batched",
    "other",
    "queued: add login",
  ],
  [
    { type: "job.started", job, data: { instruction: "implement login form" } },
    "🔧 s1 (shop):\nStarted: implement login form",
    "batched",
    "other",
    "started: implement login form",
  ],
  [
    { type: "job.progress", job, data: { type: "tool_use", tool: "Write", file: "src/login.py", action: "creating" } },
    "⚙️ s1: Write src/login.py",
    "batched",
    "other",
    "progress: Write creating src/login.py",
  ],
  [
    { type: "job.tool_started", job, data: { tool: "Bash", summary: "npm test" } },
    "📋 s1: tool: Bash: npm test",
    "batched",
    "other",
    "tool: Bash: npm test",
  ],
  [
    { type: "job.tool_completed", job, data: { tool: "Bash", success: true } },
    "📋 s1: tool done: Bash",
    "batched",
    "other",
    "tool done: Bash",
  ],
  [
    {
      type: "job.completed",
      job,
      data: { summary: "Implemented it", duration_seconds: 125, files_changed: ["a", "b", "c"], diff_stat: "+245 -12" },
    },
    "✅ s1 (shop):\nCompleted: Implemented it\nFiles changed: 3 (+245 -12)\nTook 2m 5s",
    "done",
    "other",
    "completed",
  ],
  [
    {
      type: "job.completed",
      job,
      session: "claude-3f2a9c1d-4b5e-4c6f-8a7b-0123456789ab",
      data: {
        duration_seconds: 12,
        usage: { input_tokens: 4, cache_read_tokens: 12_296, output_tokens: 7, cost_usd: 0.42 },
      },
    },
    "✅ claude-3f2a9c1d-4b5e (shop):\nCompleted\nFiles changed: 0\nTook 12s · 12.3k tokens in (12.3k cached), 7 out, $0.42",
    "done",
    "other",
    "completed",
  ],
  [
    { type: "job.completed", job, data: { success: false, summary: "tests fail" } },
    "❌ s1 (shop):\nFailed: tests fail",
    "error",
    "failure",
    "failed",
  ],
  [
    { type: "job.failed", job, data: { error: "exit", exit_code: 1, duration_seconds: 3 } },
    "❌ s1 (shop):\nFailed: exit\nTook 3.0s · exit code 1",
    "error",
    "failure",
    "failed: exit",
  ],
  [
    { type: "job.canceled", job, data: { reason: "enough" } },
    "📋 s1: canceled: enough",
    "done",
    "other",
    "canceled: enough",
  ],
  [{ type: "session.created", data: {} }, "📋 s1: session", "batched", "other", "session"],
  [
    { type: "session.state_changed", data: { from: "idle", to: "running" } },
    "📋 s1: running: was idle",
    "batched",
    "other",
    "running: was idle",
  ],
  [
    { type: "session.workspace_ready", data: { workspace: "/w/s1" } },
    "📋 s1: workspace: /w/s1",
    "batched",
    "other",
    "workspace: /w/s1",
  ],
  [{ type: "session.closed", data: {} }, "📋 s1: closed", "batched", "other", "closed"],
  [{ type: "session.error", data: { error: "lost" } }, "📋 s1: error: lost", "error", "failure", "error: lost"],
  [
    { type: "coordination.message_sent", data: { message: "ready?", to_session: "s2" } },
    "📋 s1: message: to s2: ready?",
    "batched",
    "other",
    "message: to s2: ready?",
  ],
  [
    { type: "coordination.export_declared", data: { name: "login" } },
    "📋 s1: exports: login",
    "batched",
    "other",
    "exports: login",
  ],
  [
    { type: "coordination.conflict_detected", data: { files: ["a.ts", "b.ts"] } },
    "📋 s1: conflict: a.ts, b.ts",
    "error",
    "other",
    "conflict: a.ts, b.ts",
  ],
  [
    { type: "coordination.sync_point_reached", session: null, data: { name: "v1" } },
    "📋 shop: in step: v1",
    "batched",
    "other",
    "in step: v1",
  ],
  [{ type: "job.paused", job, data: {} }, "📋 s1: job.paused", "batched", "other", "job.paused"],
];

const NOT_TOLD = EVENT_TYPES.filter(
  (type) => /^(orchestrator|project|task)\./.test(type) || /^job\.(approval_needed|approved|denied)$/.test(type),
);

describe("an event's message", () => {
  it.each(TOLD)("$type", (facts, text, delivery, kind, line) => {
    const notice = eventNotice(storedEvent(1, facts));
    expect(notice && { ...notice, text: plain(notice.message.text), line: plain(notice.line) }).toMatchObject({
      text,
      delivery,
      kind,
      line,
    });
  });

  it("is missing for what is not told, or told by buttons", () => {
    const data = {
      approval_id: "a1",
      scope: "push",
      action: "git push",
      error: "e",
      path: "/p",
      task_id: "t",
      title: "t",
      to: "done",
      session_id: "s1",
    };
    for (const type of NOT_TOLD) expect(eventNotice(storedEvent(1, { type, job, data })), type).toBeUndefined();
  });

  it("covers the whole taxonomy", () => {
    expect(new Set([...TOLD.map(([{ type }]) => type), ...NOT_TOLD, "job.paused"])).toEqual(
      new Set([...EVENT_TYPES, "job.paused"]),
    );
  });

  it("bounds what agents wrote, and keeps it from being markup, mentions or commands", () => {
    const instruction = `*bold* <b>html</b> @team /stop see README.md ${"x".repeat(500)}`;
    const text = eventNotice(storedEvent(1, { type: "job.started", job, data: { instruction } }))?.message.text ?? "";
    expect(plain(text)).toMatch(/^🔧 s1 \(shop\):\nStarted: \*bold\* <b>html<\/b> @team \/stop see README\.md x+…$/);
    expect(plain(text).length).toBeLessThan(130);
    expect(text).not.toMatch(/@team|\/stop|README\.md/);
  });

  it("shows a path and an error as code", () => {
    const progress = eventNotice(
      storedEvent(1, { type: "job.progress", job, data: { tool: "Write", file: "build.sh" } }),
    );
    expect(progress?.message.entities).toEqual([{ type: "code", offset: 13, length: 8 }]);
    const failed = eventNotice(storedEvent(1, { type: "job.failed", job, data: { error: "build.sh failed" } }));
    expect(failed?.message.entities).toEqual([{ type: "code", offset: 21, length: 15 }]);
  });
});
