/** Every event type has an effect of its own: a type that the reducer forgot fails here. */
import { expect, it } from "vitest";
import { EVENT_TYPES } from "../../../shared/events/known.ts";
import { type State, sessionKey, taskKey } from "../../../shared/state/state.ts";
import { type EventFacts, stateAfter } from "../../builders/storedEvent.ts";

const JOB = { job: "j" };
const asked = { type: "job.approval_needed", ...JOB, data: { approval_id: "a", scope: "push", action: "git push" } };
const ended = { duration_seconds: 2, exit_code: 3, files_changed: ["a.ts"], diff_stat: "+1 -1" };

const job = (state: State) => state.jobs.get("j");
const session = (state: State) => state.sessions.get(sessionKey("shop", "s1"));
const project = (state: State) => state.projects.get("shop");
const task = (state: State) => state.tasks.get(taskKey("shop", "t"));
const orchestrator = (state: State) => [...state.orchestrators.values()][0];
const notice = (state: State) => state.notices.at(-1);
const approval = (state: State) => state.approvals.get("a");

type Case = readonly [
  before: readonly EventFacts[],
  last: Omit<EventFacts, "type">,
  look: (state: State) => unknown,
  expected: object,
];

const effects: Readonly<Record<string, Case>> = {
  "orchestrator.started": [[], {}, orchestrator, { instance_id: "test", state: "running", error: null }],
  "orchestrator.stopped": [[{ type: "orchestrator.started" }], {}, orchestrator, { state: "stopped" }],
  "orchestrator.error": [[], { data: { error: "Full" } }, orchestrator, { state: "error", error: "Full" }],
  "project.registered": [
    [],
    { data: { name: "Shop", path: "/shop" } },
    project,
    { registered: true, name: "Shop", path: "/shop" },
  ],
  "project.removed": [
    [asked],
    {},
    (state) => ({ projects: state.projects.size, approvals: state.approvals.size }),
    { projects: 0, approvals: 0 },
  ],
  "project.scanned": [
    [],
    { data: { summary: "12 tasks" } },
    project,
    { last_scan: { at: "2026-11-23T09:30:01.000Z", summary: "12 tasks" } },
  ],
  "session.created": [
    [],
    { data: { name: "Login", branch: "b", agent: "claude" } },
    session,
    { name: "Login", branch: "b", agent: "claude", state: "idle" },
  ],
  "session.state_changed": [[], { data: { to: "running" } }, session, { state: "running" }],
  "session.workspace_ready": [
    [],
    { data: { workspace: "/w", branch: "b" } },
    session,
    { workspace: "/w", branch: "b" },
  ],
  "session.closed": [[], {}, session, { state: "closed", closed_at: "2026-11-23T09:30:01.000Z" }],
  "session.error": [[], { data: { error: "No worktree" } }, session, { state: "error", error: "No worktree" }],
  "job.queued": [
    [],
    { ...JOB, data: { instruction: "Build" } },
    job,
    { state: "queued", queued_at: "2026-11-23T09:30:01.000Z", instruction: "Build" },
  ],
  "job.started": [
    [],
    { ...JOB, data: { instruction: "Build", agent: "codex" } },
    job,
    { state: "running", started_at: "2026-11-23T09:30:01.000Z", agent: "codex" },
  ],
  "job.progress": [
    [],
    { ...JOB, data: { message: "Half", percent: 50 } },
    job,
    { state: "running", progress: { text: "Half", percent: 50 } },
  ],
  "job.tool_started": [
    [],
    { ...JOB, data: { tool: "Edit" } },
    job,
    { tool_call_count: 1, tool_calls: [expect.objectContaining({ tool: "Edit", state: "running" })] },
  ],
  "job.tool_completed": [
    [{ type: "job.tool_started", ...JOB, data: { tool: "Edit" } }],
    { ...JOB, data: { tool: "Edit" } },
    job,
    { tool_call_count: 1, tool_calls: [expect.objectContaining({ state: "succeeded", duration_seconds: 1 })] },
  ],
  "job.approval_needed": [
    [],
    { ...JOB, data: asked.data },
    approval,
    { state: "pending", scope: "push", job_id: "j", decision: null },
  ],
  "job.approved": [
    [asked],
    { ...JOB, data: { approval_id: "a", surface: "vscode" } },
    approval,
    { state: "approved", decision: expect.objectContaining({ surface: "vscode" }) },
  ],
  "job.denied": [
    [asked],
    { ...JOB, data: { approval_id: "a", reason: "No" } },
    approval,
    { state: "denied", decision: expect.objectContaining({ reason: "No" }) },
  ],
  "job.completed": [
    [],
    { ...JOB, data: { ...ended, summary: "Built" } },
    job,
    { state: "completed", summary: "Built", ...ended },
  ],
  "job.failed": [
    [],
    { ...JOB, data: { ...ended, error: "Red", signal: "SIGTERM" } },
    job,
    { state: "failed", error: "Red", signal: "SIGTERM", ...ended },
  ],
  "job.canceled": [
    [],
    { ...JOB, data: { ...ended, reason: "Superseded" } },
    job,
    { state: "canceled", summary: "Superseded", ...ended },
  ],
  "task.created": [[], { data: { task_id: "t", title: "Docs" } }, task, { title: "Docs", status: "open" }],
  "task.claimed": [[], { data: { task_id: "t" } }, task, { status: "claimed", claimed_by: "s1" }],
  "task.status_changed": [[], { data: { task_id: "t", to: "review" } }, task, { status: "review" }],
  "task.completed": [[], { data: { task_id: "t", summary: "Done" } }, task, { status: "completed", summary: "Done" }],
  "coordination.message_sent": [
    [],
    { data: { message: "Hi", to_session: "s2" } },
    notice,
    { kind: "message", text: "s1 to s2: Hi" },
  ],
  "coordination.export_declared": [
    [],
    { data: { name: "parse", kind: "function", file: "a.ts" } },
    notice,
    { kind: "export", text: "Exports function parse from a.ts" },
  ],
  "coordination.conflict_detected": [
    [],
    { data: { files: ["a.ts"], sessions: ["s1", "s2"] } },
    notice,
    { kind: "conflict", text: "Conflict between s1 and s2 in a.ts" },
  ],
  "coordination.sync_point_reached": [
    [],
    { data: { name: "api" } },
    notice,
    { kind: "sync_point", text: expect.stringContaining("api") },
  ],
};

it("is listed here, each type", () => {
  expect(Object.keys(effects).sort()).toEqual([...EVENT_TYPES].sort());
});

it.each(EVENT_TYPES)("%s shows", (type) => {
  const found = effects[type];
  if (found === undefined) throw new Error("No effect is listed");
  const [before, last, look, expected] = found;
  const earlier = stateAfter(before);
  const later = stateAfter([{ ...last, type }], earlier);
  expect(look(later)).toMatchObject(expected);
  // Not by chance: it was not so before, and the state before was left alone.
  expect(look(earlier) ?? {}).not.toMatchObject(expected);
  expect(earlier).toEqual(stateAfter(before));
});

it.each(EVENT_TYPES.filter((type) => !type.startsWith("project.")))(
  "%s brings its project and session into being",
  (type) => {
    const last = effects[type]?.[1] ?? {};
    const state = stateAfter([{ ...last, type, project: "new", session: "main" }]);
    expect(state.projects.get("new")).toMatchObject({
      name: "new",
      registered: false,
      updated_at: "2026-11-23T09:30:01.000Z",
    });
    expect(state.sessions.get(sessionKey("new", "main"))).toMatchObject({ project_id: "new" });
  },
);

it("a type of a later version marks its project and session as active, and no more", () => {
  const state = stateAfter([{ type: "job.paused", job: "j" }]);
  expect([state.projects.size, state.sessions.size, state.jobs.size]).toEqual([1, 1, 0]);
});
