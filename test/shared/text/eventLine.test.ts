import { describe, expect, it } from "vitest";
import { EVENT_TYPES } from "../../../shared/events/known.ts";
import { reduce } from "../../../shared/state/reduce.ts";
import { EMPTY_STATE, type State } from "../../../shared/state/state.ts";
import { eventLine, formatEventLine } from "../../../shared/text/eventLine.ts";
import { oneLine } from "../../../shared/text/oneLine.ts";
import { type EventFacts, storedEvent } from "../../builders/storedEvent.ts";

/** What a producer says, one event after the other, and how each reads. */
const STORY: readonly (EventFacts & { readonly reads: string })[] = [
  { type: "orchestrator.started", session: null, reads: "▶ up           shop: The orchestrator started" },
  {
    type: "orchestrator.error",
    session: null,
    data: { error: "no disk" },
    reads: "✗ error        shop: The orchestrator: no disk",
  },
  { type: "orchestrator.stopped", session: null, reads: "■ down         shop: The orchestrator stopped" },
  {
    type: "project.registered",
    session: null,
    data: { name: "Shop", path: "/src/shop" },
    reads: "+ project      Shop: /src/shop",
  },
  { type: "project.scanned", session: null, data: { summary: "12 files" }, reads: "• scanned      Shop: 12 files" },
  { type: "session.created", data: { name: "main", branch: "main" }, reads: "+ session      Shop / main: main" },
  { type: "session.workspace_ready", data: { workspace: "/w/shop" }, reads: "• workspace    Shop / main: /w/shop" },
  {
    type: "session.state_changed",
    data: { from: "idle", to: "running" },
    reads: "• running      Shop / main: was idle",
  },
  { type: "task.created", data: { task_id: "t1", title: "Fix it" }, reads: "+ task         Shop / main: Fix it" },
  { type: "task.claimed", data: { task_id: "t1" }, reads: "• claimed      Shop / main: Fix it" },
  { type: "task.status_changed", data: { task_id: "t1", to: "review" }, reads: "• review       Shop / main: Fix it" },
  { type: "task.completed", data: { task_id: "t1", summary: "ok" }, reads: "✓ task done    Shop / main: Fix it: ok" },
  { type: "job.queued", job: "j1", data: { instruction: "npm test" }, reads: "◌ queued       Shop / main: npm test" },
  { type: "job.started", job: "j1", data: { instruction: "npm test" }, reads: "▶ started      Shop / main: npm test" },
  {
    type: "job.progress",
    job: "j1",
    data: { message: "linking", percent: 40 },
    reads: "· progress     Shop / main: 40% linking",
  },
  {
    type: "job.tool_started",
    job: "j1",
    data: { tool: "Edit", tool_use_id: "u1", file: "a.ts" },
    reads: "→ tool         Shop / main: Edit: a.ts",
  },
  {
    type: "job.tool_completed",
    job: "j1",
    data: { tool: "Edit", tool_use_id: "u1", file: "a.ts", duration_seconds: 2, diff_stat: "+3 -1" },
    reads: "✓ tool done    Shop / main: Edit: a.ts · 2.0s · +3 -1",
  },
  {
    type: "job.tool_completed",
    job: "j1",
    data: { tool: "Bash", error: "exit 1" },
    reads: "✗ tool failed  Shop / main: Bash: exit 1",
  },
  {
    type: "job.tool_started",
    job: "j1",
    data: { tool: "Bash", tool_use_id: "u2", summary: "npm test" },
    reads: "→ tool         Shop / main: Bash: npm test",
  },
  {
    type: "job.tool_completed",
    job: "j1",
    data: { tool: "Bash", tool_use_id: "u2", error: "exit 2", duration_seconds: 2 },
    reads: "✗ tool failed  Shop / main: Bash: npm test · exit 2 · 2.0s",
  },
  {
    type: "job.tool_started",
    job: "j1",
    data: { tool: "Read", file: "b.ts" },
    reads: "→ tool         Shop / main: Read: b.ts",
  },
  {
    type: "job.tool_completed",
    job: "j1",
    data: { tool: "Read", duration_seconds: 1 },
    reads: "✓ tool done    Shop / main: Read: b.ts · 1.0s",
  },
  {
    type: "job.approval_needed",
    job: "j1",
    data: { approval_id: "a1", scope: "git", action: "git push" },
    reads: "? asks         Shop / main: git push (git)",
  },
  {
    type: "job.approved",
    job: "j1",
    data: { approval_id: "a1", decided_by: { name: "Ann" }, surface: "telegram" },
    reads: "✓ approved     Shop / main: git push: Approved by Ann in Telegram",
  },
  {
    type: "job.approval_needed",
    job: "j1",
    data: { approval_id: "a2", scope: "git", action: "rm -r" },
    reads: "? asks         Shop / main: rm -r (git)",
  },
  {
    type: "job.denied",
    job: "j1",
    data: { approval_id: "a2", outcome: "expired", surface: "timeout" },
    reads: "✗ expired      Shop / main: rm -r: Timed out, so denied",
  },
  {
    type: "job.completed",
    job: "j1",
    data: { duration_seconds: 12.4, files_changed: ["a.ts", "b.ts"], diff_stat: "+3 -1" },
    reads: "✓ completed    Shop / main: npm test · 12s · 2 files changed · +3 -1",
  },
  {
    type: "job.failed",
    job: "j2",
    data: { error: "boom", exit_code: 2, duration_seconds: 1 },
    reads: "✗ failed       Shop / main: j2 · 1.0s · exit code 2 · boom",
  },
  { type: "job.canceled", job: "j3", data: { reason: "too slow" }, reads: "⊘ canceled     Shop / main: j3: too slow" },
  {
    type: "coordination.message_sent",
    data: { message: "hello" },
    reads: "✉ message      Shop / main: to everyone: hello",
  },
  { type: "coordination.export_declared", data: { name: "Cart" }, reads: "⇢ exports      Shop / main: Cart" },
  { type: "coordination.conflict_detected", data: { files: ["a", "b"] }, reads: "! conflict     Shop / main: a, b" },
  { type: "coordination.sync_point_reached", data: { name: "beta" }, reads: "= in step      Shop / main: beta" },
  { type: "session.error", data: { error: "gone" }, reads: "✗ error        Shop / main: gone" },
  { type: "session.closed", data: { reason: "done" }, reads: "■ closed       Shop / main: done" },
  { type: "job.paused_by_later_version", job: "j3", reads: "• job.paused_by_later_version  Shop / main" },
  { type: "project.removed", session: null, data: { reason: "moved" }, reads: "− project      shop: Removed: moved" },
];

describe("an event in one line", () => {
  it("tells each type of event by what it says and by what is known of it", () => {
    let state: State = EMPTY_STATE;
    const lines = STORY.map((step, index) => {
      const event = storedEvent(index + 1, step);
      state = reduce(state, [event]).state;
      return formatEventLine(eventLine(event, state), "09:30");
    });
    expect(lines).toEqual(STORY.map(({ reads }) => `09:30  ${reads}`));
  });

  it("has a line for every type that there is", () => {
    expect(EVENT_TYPES.filter((type) => !STORY.some((step) => step.type === type))).toEqual([]);
  });
});

describe("any text on one line", () => {
  it.each([
    { text: "a\n  b\r\nc", line: "a b c" },
    { text: "\u001b[31mred\u001b[0m\u0007", line: "red" },
    { text: "10%\r20%\rdone", line: "done" },
    { text: "abcdefghijkl", line: "abcdefghi…" },
    { text: "😀😀😀😀😀😀😀😀😀😀😀", line: "😀😀😀😀😀😀😀😀😀…" },
    { text: "", line: "" },
  ])("$text reads $line", ({ text, line }) => {
    expect(oneLine(text, 10)).toBe(line);
  });
});
