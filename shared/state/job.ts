/** Owns what `job.*` does to a job. Its tool calls and approvals have files of their own. */
import type { EventOf } from "../events/event.ts";
import { decideApproval, isDecided, requestApproval, withdrawApprovals } from "./approval.ts";
import type { Draft, Own } from "./draft.ts";
import { followJobs } from "./session.ts";
import { hasEnded, type Job, type JobState, type Usage } from "./state.ts";
import { completeToolCall, endToolCalls, startToolCall } from "./toolCall.ts";
import { sumUsage, toUsage } from "./usage.ts";

export type JobEventType =
  | "job.queued"
  | "job.started"
  | "job.progress"
  | "job.tool_started"
  | "job.tool_completed"
  | "job.approval_needed"
  | "job.approved"
  | "job.denied"
  | "job.completed"
  | "job.failed"
  | "job.canceled";

export type JobEvent = { [T in JobEventType]: EventOf<T> & { readonly seq: number } }[JobEventType];

export function reduceJob(draft: Draft, event: JobEvent): void {
  const { job_id } = event;
  if (job_id === null) return;
  const known = draft.jobs.edit(job_id);
  const before = known?.state;
  const job = known ?? draft.jobs.put(job_id, newJob(event, job_id));
  change(draft, job, event);
  job.updated_at = event.timestamp;
  // What a job does is its session's state as well; progress comes by the thousand and changes neither.
  if (job.state !== before) followJobs(draft, event);
}

function change(draft: Draft, job: Own<Job>, event: JobEvent): void {
  switch (event.event_type) {
    case "job.queued":
      job.state = "queued";
      job.queued_at = event.timestamp;
      job.instruction = event.data.instruction ?? job.instruction;
      job.workspace = event.data.workspace ?? job.workspace;
      job.branch = event.data.branch ?? job.branch;
      return;
    case "job.started":
      Object.assign(job, NOT_ENDED);
      job.state = "running";
      job.started_at = event.timestamp;
      job.instruction = event.data.instruction;
      job.visibility = event.visibility;
      job.recipients = event.recipients;
      job.agent = event.data.agent ?? job.agent;
      job.workspace = event.data.workspace ?? job.workspace;
      job.branch = event.data.branch ?? job.branch;
      return;
    case "job.progress":
      revive(draft, job);
      job.progress = { text: progressText(event.data), percent: event.data.percent ?? null };
      return;
    case "job.tool_started":
      revive(draft, job);
      startToolCall(draft, job, event);
      return;
    case "job.tool_completed":
      completeToolCall(draft, job, event);
      return;
    case "job.approval_needed": {
      const approval_id = requestApproval(draft, job, event);
      if (approval_id === undefined) return;
      if (!job.approval_ids.includes(approval_id)) job.approval_ids = [...job.approval_ids, approval_id];
      if (!isDecided(draft, approval_id)) job.state = "waiting";
      return;
    }
    case "job.approved":
    case "job.denied":
      decideApproval(draft, job, event);
      if (job.state === "waiting") job.state = waitingOrRunning(draft, job);
      return;
    case "job.completed":
      end(draft, job, event, event.data.success === false ? "failed" : "completed");
      job.summary = event.data.summary ?? null;
      job.error = null;
      return;
    case "job.failed":
      end(draft, job, event, "failed");
      job.error = event.data.error;
      return;
    case "job.canceled":
      end(draft, job, event, "canceled");
      job.error = null;
      job.summary = event.data.reason ?? null;
      return;
  }
}

const NOT_ENDED = {
  ended_at: null,
  duration_seconds: null,
  exit_code: null,
  signal: null,
  summary: null,
  error: null,
  files_changed: [],
  diff_stat: null,
  usage: null,
} as const satisfies Partial<Job>;

/** A job whose start we never heard of is running once it does something; one that has ended stays ended. */
function revive(draft: Draft, job: Own<Job>): void {
  if (!hasEnded(job.state)) job.state = waitingOrRunning(draft, job);
}

function waitingOrRunning(draft: Draft, job: Job): JobState {
  return job.approval_ids.every((id) => isDecided(draft, id)) ? "running" : "waiting";
}

type EndEvent = Extract<JobEvent, { event_type: "job.completed" | "job.failed" | "job.canceled" }>;

function end(draft: Draft, job: Own<Job>, event: EndEvent, state: JobState): void {
  withdrawApprovals(draft, job, event);
  const { data, timestamp } = event;
  const usage = data.usage === undefined ? null : toUsage(data.usage);
  addToSession(draft, job, usage);
  job.state = state;
  job.ended_at = timestamp;
  job.duration_seconds = data.duration_seconds ?? secondsSince(job.started_at, timestamp);
  job.exit_code = data.exit_code ?? null;
  job.signal = "signal" in data && typeof data.signal === "string" ? data.signal : null;
  job.files_changed = data.files_changed ?? [];
  job.diff_stat = data.diff_stat ?? null;
  job.usage = usage;
  job.progress = null;
  endToolCalls(draft, job, timestamp);
}

/** A job that is told to have ended once more is not paid for twice. */
function addToSession(draft: Draft, { project_id, session_id, usage: before }: Job, usage: Usage | null): void {
  if (session_id === null || usage === null) return;
  const session = draft.editSession(project_id, session_id);
  if (session !== undefined) session.usage = sumUsage(session.usage, usage, before);
}

function secondsSince(start: string | null, end: string): number | null {
  return start === null ? null : Math.max(0, Date.parse(end) - Date.parse(start)) / 1000;
}

function progressText(data: EventOf<"job.progress">["data"]): string {
  if (data.message !== undefined) return data.message;
  const words = [data.tool, data.action, data.file].filter((word) => word !== undefined);
  return words.join(" ") || (data.type ?? "");
}

function newJob(event: JobEvent, job_id: string): Job {
  return {
    job_id,
    project_id: event.project_id,
    session_id: event.session_id,
    instruction: "",
    state: "queued",
    agent: null,
    workspace: null,
    branch: null,
    progress: null,
    tool_calls: [],
    tool_call_count: 0,
    approval_ids: [],
    queued_at: null,
    started_at: null,
    ...NOT_ENDED,
    visibility: event.visibility,
    recipients: event.recipients,
    updated_at: event.timestamp,
  };
}
