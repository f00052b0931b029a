/** Owns what `job.*` does to a job. Its tool calls and approvals have files of their own. */
import type { EventOf } from "../events/event.ts";
import { decideApproval, isDecided, requestApproval, withdrawApprovals } from "./approval.ts";
import type { Draft } from "./draft.ts";
import { hasEnded, type Job, type JobState, sessionKey, type Usage } from "./state.ts";
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
  if (event.job_id === null) return;
  const job = draft.jobs.get(event.job_id) ?? newJob(event, event.job_id);
  draft.jobs.set(event.job_id, { ...job, ...changed(draft, job, event), updated_at: event.timestamp });
}

function changed(draft: Draft, job: Job, event: JobEvent): Partial<Job> {
  switch (event.event_type) {
    case "job.queued":
      return {
        state: "queued",
        queued_at: event.timestamp,
        instruction: event.data.instruction ?? job.instruction,
        workspace: event.data.workspace ?? job.workspace,
        branch: event.data.branch ?? job.branch,
      };
    case "job.started":
      return {
        ...NOT_ENDED,
        state: "running",
        started_at: event.timestamp,
        instruction: event.data.instruction,
        visibility: event.visibility,
        recipients: event.recipients,
        agent: event.data.agent ?? job.agent,
        workspace: event.data.workspace ?? job.workspace,
        branch: event.data.branch ?? job.branch,
      };
    case "job.progress":
      return {
        ...revived(draft, job),
        progress: { text: progressText(event.data), percent: event.data.percent ?? null },
      };
    case "job.tool_started":
      return { ...revived(draft, job), ...startToolCall(job, event) };
    case "job.tool_completed":
      return completeToolCall(job, event);
    case "job.approval_needed": {
      const approval_id = requestApproval(draft, job, event);
      if (approval_id === undefined) return {};
      const approval_ids = job.approval_ids.includes(approval_id)
        ? job.approval_ids
        : [...job.approval_ids, approval_id];
      return { approval_ids, state: isDecided(draft, approval_id) ? job.state : "waiting" };
    }
    case "job.approved":
    case "job.denied":
      decideApproval(draft, job, event);
      return job.state === "waiting" ? { state: waitingOrRunning(draft, job) } : {};
    case "job.completed": {
      const state = event.data.success === false ? "failed" : "completed";
      return { ...ended(draft, job, event, state), summary: event.data.summary ?? null, error: null };
    }
    case "job.failed":
      return { ...ended(draft, job, event, "failed"), error: event.data.error };
    case "job.canceled":
      return { ...ended(draft, job, event, "canceled"), error: null, summary: event.data.reason ?? null };
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
function revived(draft: Draft, job: Job): Partial<Job> {
  return hasEnded(job.state) ? {} : { state: waitingOrRunning(draft, job) };
}

function waitingOrRunning(draft: Draft, job: Job): JobState {
  return job.approval_ids.every((id) => isDecided(draft, id)) ? "running" : "waiting";
}

type EndEvent = Extract<JobEvent, { event_type: "job.completed" | "job.failed" | "job.canceled" }>;

function ended(draft: Draft, job: Job, event: EndEvent, state: JobState): Partial<Job> {
  withdrawApprovals(draft, job, event);
  const { data, timestamp } = event;
  const usage = data.usage === undefined ? null : toUsage(data.usage);
  addToSession(draft, job, usage);
  return {
    state,
    ended_at: timestamp,
    duration_seconds: data.duration_seconds ?? secondsSince(job.started_at, timestamp),
    exit_code: data.exit_code ?? null,
    signal: "signal" in data && typeof data.signal === "string" ? data.signal : null,
    files_changed: data.files_changed ?? [],
    diff_stat: data.diff_stat ?? null,
    usage,
    progress: null,
    tool_calls: endToolCalls(job, timestamp),
  };
}

/** A job that is told to have ended once more is not paid for twice. */
function addToSession(draft: Draft, { project_id, session_id, usage: before }: Job, usage: Usage | null): void {
  const session = session_id === null ? undefined : draft.sessions.get(sessionKey(project_id, session_id));
  if (session === undefined || usage === null) return;
  draft.putSession({ ...session, usage: sumUsage(session.usage, usage, before) });
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
