/**
 * Owns the picture that every client draws: projects, their sessions, jobs with tool calls and approvals, tasks and
 * notices. Values are immutable; an entity that changed is another object, so identity tells what to draw again.
 */
import type { Approval } from "../protocol/approval.ts";

export type JobState = "queued" | "running" | "waiting" | "completed" | "failed" | "canceled";

/** What an agent's model used; tokens that nobody told of are 0, money is null. */
export interface Usage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly cost_usd: number | null;
}

export interface Project {
  readonly project_id: string;
  readonly name: string;
  readonly path: string | null;
  readonly repository: string | null;
  readonly registered: boolean;
  readonly last_scan: { readonly at: string; readonly summary: string | null } | null;
  readonly updated_at: string;
}

export interface Session {
  readonly project_id: string;
  readonly session_id: string;
  readonly name: string;
  /** What the producer calls it: `idle`, `running`, …; `closed` and `error` are ours. */
  readonly state: string;
  readonly branch: string | null;
  readonly workspace: string | null;
  readonly agent: string | null;
  readonly error: string | null;
  /** Of all its jobs, those that the state has forgotten included; null while none has told. */
  readonly usage: Usage | null;
  readonly created_at: string;
  readonly closed_at: string | null;
  readonly updated_at: string;
}

export interface ToolCall {
  readonly call_id: string;
  readonly tool: string;
  readonly file: string | null;
  readonly summary: string | null;
  readonly state: "running" | "succeeded" | "failed";
  readonly error: string | null;
  readonly diff_stat: string | null;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly duration_seconds: number | null;
}

export interface Job {
  readonly job_id: string;
  readonly project_id: string;
  readonly session_id: string | null;
  readonly instruction: string;
  readonly state: JobState;
  readonly agent: string | null;
  readonly workspace: string | null;
  readonly branch: string | null;
  readonly progress: { readonly text: string; readonly percent: number | null } | null;
  /** The newest ones, oldest first; `tool_call_count` counts all. */
  readonly tool_calls: readonly ToolCall[];
  readonly tool_call_count: number;
  readonly approval_ids: readonly string[];
  readonly queued_at: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly duration_seconds: number | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly summary: string | null;
  readonly error: string | null;
  readonly files_changed: readonly string[];
  readonly diff_stat: string | null;
  readonly usage: Usage | null;
  /** Those of the event that began it: where its name and its log may be shown. */
  readonly visibility: "public" | "internal";
  readonly recipients: readonly string[];
  readonly updated_at: string;
}

export interface Task {
  readonly project_id: string;
  readonly task_id: string;
  readonly title: string;
  readonly status: string;
  readonly claimed_by: string | null;
  readonly summary: string | null;
  readonly updated_at: string;
}

export interface Orchestrator {
  readonly project_id: string;
  readonly instance_id: string;
  readonly state: "running" | "stopped" | "error";
  readonly error: string | null;
  readonly updated_at: string;
}

/** Something that one session tells the others. */
export interface Notice {
  readonly seq: number;
  readonly project_id: string;
  readonly session_id: string | null;
  readonly kind: "message" | "export" | "conflict" | "sync_point";
  readonly text: string;
  readonly at: string;
}

export interface State {
  /** The last event that is in it; 0 before the first. */
  readonly seq: number;
  readonly projects: ReadonlyMap<string, Project>;
  /** By `sessionKey`. */
  readonly sessions: ReadonlyMap<string, Session>;
  readonly jobs: ReadonlyMap<string, Job>;
  readonly approvals: ReadonlyMap<string, Approval>;
  /** By `taskKey`. */
  readonly tasks: ReadonlyMap<string, Task>;
  /** By `orchestratorKey`. */
  readonly orchestrators: ReadonlyMap<string, Orchestrator>;
  /** The newest ones, oldest first. */
  readonly notices: readonly Notice[];
}

export const EMPTY_STATE: State = {
  seq: 0,
  projects: new Map(),
  sessions: new Map(),
  jobs: new Map(),
  approvals: new Map(),
  tasks: new Map(),
  orchestrators: new Map(),
  notices: [],
};

/** NUL joins what cannot hold it, so that no two pairs share a key. */
const key = (project_id: string, id: string): string => `${project_id}\u0000${id}`;

export const sessionKey: (project_id: string, session_id: string) => string = key;
export const taskKey: (project_id: string, task_id: string) => string = key;
export const orchestratorKey: (project_id: string, instance_id: string) => string = key;

/** Whether a job has ended. */
export function hasEnded(state: JobState): boolean {
  return state === "completed" || state === "failed" || state === "canceled";
}
