/** One event of each type, as a producer would send it, with all that its payload can hold. */

/** Who and where; what a type needs of it, all have. */
const place = { project_id: "org/repo", session_id: "feature/login", job_id: "job-1" };

const decision = {
  approval_id: "approval-1",
  decided_by: { name: "Ada", id: "42" },
  surface: "telegram",
  reason: "Looks right",
};
const usage = {
  input_tokens: 1200,
  output_tokens: 340,
  cache_read_tokens: 56_000,
  cache_write_tokens: 7800,
  cost_usd: 0.12,
  model: "a-model",
};
const outcome = { files_changed: ["src/a.ts"], diff_stat: "+245 -12", usage };

export const SAMPLE_DATA: Readonly<Record<string, object>> = {
  "orchestrator.started": { version: "1.2.3", pid: 1 },
  "orchestrator.stopped": { reason: "Update" },
  "orchestrator.error": { error: "Out of disk", code: "ENOSPC" },
  "project.registered": { name: "Repo", path: "/src/repo", repository: "git@example.org:org/repo.git" },
  "project.removed": { reason: "Archived" },
  "project.scanned": { summary: "12 tasks", files: 3, tasks: 12, duration_seconds: 0.5 },
  "session.created": { name: "Login", branch: "feature/login", workspace: "/w", agent: "claude" },
  "session.state_changed": { from: "idle", to: "running" },
  "session.workspace_ready": { workspace: "/w", branch: "feature/login" },
  "session.closed": { reason: "Merged" },
  "session.error": { error: "No worktree" },
  "job.queued": { instruction: "Build", workspace: "/w", branch: "main", position: 2 },
  "job.started": {
    instruction: "Build",
    workspace: "/w",
    branch: "main",
    command: ["npm", "test"],
    pid: 7,
    agent: "codex",
  },
  "job.progress": { type: "tool_use", tool: "Edit", file: "a.ts", action: "edit", message: "Editing", percent: 40 },
  "job.tool_started": { tool: "Edit", tool_use_id: "tool-1", file: "a.ts", summary: "Edits", input: { path: "a.ts" } },
  "job.tool_completed": {
    tool: "Edit",
    tool_use_id: "tool-1",
    success: true,
    file: "a.ts",
    summary: "Edited",
    diff_stat: "+1 -1",
    duration_seconds: 1.5,
  },
  "job.approval_needed": {
    approval_id: "approval-1",
    scope: "push",
    action: "git push",
    reason: "Done",
    context: { branch: "main" },
    expires_at: "2026-11-23T12:00:00+01:00",
    on_timeout: "approve",
    offers: [{ remember: "always", text: 'allow "git push" in org/repo' }],
  },
  "job.approved": { ...decision, remember: "session" },
  "job.denied": { ...decision, outcome: "denied" },
  "job.completed": { success: true, summary: "Built", duration_seconds: 342, exit_code: 0, ...outcome },
  "job.failed": { error: "Tests failed", duration_seconds: 2, exit_code: 1, signal: "SIGTERM", ...outcome },
  "job.canceled": { reason: "Superseded", canceled_by: { name: "Ada" }, exit_code: 143, signal: "SIGTERM", ...outcome },
  "task.created": { task_id: "task-1", title: "Write docs", description: "All of them", priority: "high" },
  "task.claimed": { task_id: "task-1", claimed_by: "feature/docs" },
  "task.status_changed": { task_id: "task-1", from: "open", to: "review" },
  "task.completed": { task_id: "task-1", summary: "Written" },
  "coordination.message_sent": { from_session: "a", to_session: "b", message: "Hello" },
  "coordination.export_declared": { name: "parse", kind: "function", file: "a.ts", signature: "(text) => Event" },
  "coordination.conflict_detected": { files: ["a.ts"], sessions: ["a", "b"], description: "Both edit a.ts" },
  "coordination.sync_point_reached": { name: "api-ready", sessions: ["a", "b"] },
};

export function sample(event_type: string): Record<string, unknown> {
  return { event_type, ...place, data: SAMPLE_DATA[event_type] ?? {} };
}
