/** Owns what the author of an agent or a script sees of one job: everything that can be told of it, and asked. */
import type { Payload } from "../shared/events/taxonomy.ts";

/** `Omit` for payloads, which may have further fields: it would take the named ones for such. */
type Without<T, Name extends string> = { [Key in keyof T as Key extends Name ? never : Key]: T[Key] };

/**
 * One job. What it is told travels in order and need not be awaited: each promise resolves when the bridge has it on disk,
 * and a failure that nobody awaits is told to `onError`.
 */
export interface Job {
  readonly jobId: string;
  /** Aborted when somebody asks that the job be stopped; its reason is a `CancelRequest`. End the job with `cancel` then. */
  readonly signal: AbortSignal;
  /** How far it is. */
  progress(progress: Payload<"job.progress">): Promise<void>;
  /** Adds to the job's log; end lines with `\n`. */
  log(text: string | Uint8Array): Promise<void>;
  /** Tells of a tool call: when it begins, when it ends, and whether it threw. Answers what `run` does. */
  tool<T>(call: ToolInput, run: (call: ToolCall) => Promise<T> | T): Promise<T>;
  /** The same where the beginning and the end are in different places. */
  startTool(call: ToolInput): ToolCall;
  /** Asks people for a yes, and waits for it. Withdrawn when the job ends or is asked to stop, or `signal` is aborted. */
  ask(question: Question): Promise<Answer>;
  complete(result?: Without<Payload<"job.completed">, "success" | "duration_seconds">): Promise<void>;
  fail(error: unknown, result?: Without<Payload<"job.failed">, "error" | "duration_seconds">): Promise<void>;
  cancel(result?: Without<Payload<"job.canceled">, "duration_seconds">): Promise<void>;
}

export type ToolInput = Without<Payload<"job.tool_started">, "tool_use_id">;

export type ToolResult = Without<Payload<"job.tool_completed">, "tool" | "tool_use_id" | "duration_seconds">;

export interface ToolCall {
  readonly toolUseId: string;
  /** Ends the call; the first end counts. */
  complete(result?: ToolResult): Promise<void>;
}

export interface Question {
  /** What kind of thing it is, such as `command`, `edit`, `push`, `deploy`. */
  readonly scope: string;
  /** Exactly what happens when it is approved. */
  readonly action: string;
  readonly reason?: string;
  /** Facts to judge by, such as `command`, `path`, `cwd`, `diff`. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Decided by itself after this time: denied, unless `onTimeout` says otherwise. */
  readonly timeoutMs?: number;
  readonly onTimeout?: "approve" | "deny";
  /** Withdraws the question. */
  readonly signal?: AbortSignal;
}

interface Decided {
  readonly approvalId: string;
  /** Who decided, where that is known. */
  readonly decidedBy: string | null;
  /** Where: `vscode`, `terminal`, `telegram`, `api`, `rule`, `timeout`, `producer`. */
  readonly surface: NonNullable<Payload<"job.approved">["surface"]> | null;
  /** What was written with the decision. */
  readonly reason: string | null;
}

export type Answer =
  | (Decided & { readonly approved: true; readonly state: "approved" })
  | (Decided & { readonly approved: false; readonly state: "denied" | "expired" | "withdrawn" });

/** Why a job's `signal` was aborted. */
export class CancelRequest extends Error {
  readonly code = "cancel_requested";
  /** What was given as a reason. */
  readonly reason: string | null;

  constructor(reason: string | null) {
    super(reason === null ? "The job was asked to stop" : `The job was asked to stop: ${reason}`);
    this.name = "CancelRequest";
    this.reason = reason;
  }
}
