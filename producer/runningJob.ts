/** Owns one job that a producer runs: its events, its log and its end, of which there is one. */
import { v7 as newId } from "uuid";
import type { Connect } from "../shared/client/connectionSupervisor.ts";
import type { EventType, Payload } from "../shared/events/taxonomy.ts";
import { askAndWait } from "./askAndWait.ts";
import { EndedError } from "./errors.ts";
import type { ProducerEventOf } from "./events.ts";
import { type Answer, CancelRequest, type Job, type Question, type ToolCall, type ToolInput } from "./job.ts";
import type { JobLog } from "./outbox.ts";
import type { JobStart } from "./televibe.ts";
import { unawaited } from "./unawaited.ts";

export interface RunningJobOptions {
  readonly jobId: string;
  readonly start: JobStart;
  readonly connect: Connect;
  /** Resolves with the event's `seq`. A failure is told elsewhere too, so that nobody has to wait for it. */
  readonly tell: <T extends EventType>(event: ProducerEventOf<T>) => Promise<number | null>;
  readonly log: (log: JobLog, bytes: Uint8Array) => Promise<void>;
  /** Tells elsewhere that something was told too late; rejects with it. */
  readonly refuse: (error: Error) => Promise<never>;
  readonly onEnd: () => void;
}

type JobEventType = Extract<EventType, `job.${string}`>;

export class RunningJob implements Job {
  readonly jobId: string;
  readonly #options: RunningJobOptions;
  readonly #cancellation = new AbortController();
  /** Aborted at the end: nobody waits for an answer any more. */
  readonly #end = new AbortController();
  readonly #startMs = performance.now();
  readonly #log: JobLog;

  constructor(options: RunningJobOptions) {
    this.#options = options;
    this.jobId = options.jobId;
    this.#log = { jobId: options.jobId, size: 0 };
    const { instruction, workspace, branch, command, agent } = options.start;
    const facts = { workspace, branch, agent, ...(command === undefined ? {} : { command: [...command] }) };
    void this.#tell("job.started", { instruction, ...facts });
  }

  get signal(): AbortSignal {
    return this.#cancellation.signal;
  }

  requestCancel(reason: string | null): void {
    this.#cancellation.abort(new CancelRequest(reason));
  }

  progress(progress: Payload<"job.progress">): Promise<void> {
    return this.#tell("job.progress", progress);
  }

  log(text: string | Uint8Array): Promise<void> {
    if (this.#end.signal.aborted) return this.#refuse();
    return this.#options.log(this.#log, typeof text === "string" ? Buffer.from(text) : text);
  }

  async tool<T>(input: ToolInput, run: (call: ToolCall) => Promise<T> | T): Promise<T> {
    const call = this.startTool(input);
    try {
      const result = await run(call);
      void call.complete();
      return result;
    } catch (error) {
      void call.complete({ success: false, error: messageOf(error) });
      throw error;
    }
  }

  startTool(input: ToolInput): ToolCall {
    const toolUseId = newId();
    const startMs = performance.now();
    const { tool, file } = input;
    void this.#tell("job.tool_started", { ...input, tool_use_id: toolUseId });
    let completed: Promise<void> | undefined;
    return {
      toolUseId,
      complete: (result = {}) => {
        completed ??= this.#tell("job.tool_completed", {
          success: true,
          ...(file === undefined ? {} : { file }),
          ...result,
          tool,
          tool_use_id: toolUseId,
          duration_seconds: secondsSince(startMs),
        });
        return completed;
      },
    };
  }

  ask(question: Question): Promise<Answer> {
    if (this.#end.signal.aborted) return Promise.reject(new EndedError("The job"));
    const { connect } = this.#options;
    const signals = [this.signal, this.#end.signal, ...(question.signal === undefined ? [] : [question.signal])];
    return askAndWait({
      question,
      connect,
      signal: AbortSignal.any(signals),
      tell: (data) => this.#give("job.approval_needed", data),
    });
  }

  complete(result: Parameters<Job["complete"]>[0] = {}): Promise<void> {
    return this.#finish("job.completed", { success: true, ...result });
  }

  fail(error: unknown, result: Parameters<Job["fail"]>[1] = {}): Promise<void> {
    return this.#finish("job.failed", { ...result, error: messageOf(error) });
  }

  cancel(result: Parameters<Job["cancel"]>[0] = {}): Promise<void> {
    const { reason } = this.signal;
    const asked = reason instanceof CancelRequest ? (reason.reason ?? undefined) : undefined;
    return this.#finish("job.canceled", { ...(asked === undefined ? {} : { reason: asked }), ...result });
  }

  /** The first end counts. */
  #finish<T extends "job.completed" | "job.failed" | "job.canceled">(event_type: T, data: Payload<T>): Promise<void> {
    if (this.#end.signal.aborted) return this.#refuse();
    const told = this.#tell(event_type, { ...data, duration_seconds: secondsSince(this.#startMs) });
    this.#end.abort();
    this.#options.onEnd();
    return told;
  }

  #tell<T extends JobEventType>(event_type: T, data: Payload<T>): Promise<void> {
    return unawaited(this.#give(event_type, data).then(() => undefined));
  }

  #give<T extends JobEventType>(event_type: T, data: Payload<T>): Promise<number | null> {
    if (this.#end.signal.aborted) return this.#refuse();
    const { start, tell } = this.#options;
    const { project, session, visibility, recipients } = start;
    return tell({
      event_type,
      project_id: project,
      session_id: session ?? null,
      job_id: this.jobId,
      data,
      ...(visibility === undefined ? {} : { visibility }),
      ...(recipients === undefined ? {} : { recipients }),
    });
  }

  #refuse(): Promise<never> {
    return this.#options.refuse(new EndedError(`The job ${this.jobId}`));
  }
}

function secondsSince(startMs: number): number {
  return Math.round(performance.now() - startMs) / 1000;
}

/** People read it where the job failed, so it must say something. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim() === "" ? "It failed without saying why" : text;
}
