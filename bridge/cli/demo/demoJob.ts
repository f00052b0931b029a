/** Owns one job of the demo: told as a real one is, with its log, its tool calls and its question. */
import { v7 as newId } from "uuid";
import { awaitDecision } from "../../../shared/client/awaitDecision.ts";
import type { Usage } from "../../../shared/state/state.ts";
import { asDemo } from "./demoProject.ts";
import { type DemoStage, DemoStopped } from "./demoStage.ts";

/** How long a question of the demo waits for its answer at speed 1. */
const ANSWER_TIMEOUT_MS = 45_000;

export interface DemoToolCall {
  readonly tool: string;
  readonly file?: string;
  readonly summary?: string;
  readonly minutes: number;
  /** Lines that it prints, while it runs. */
  readonly prints?: readonly string[];
  readonly diffStat?: string;
  /** Why it fails. */
  readonly error?: string;
}

export interface DemoQuestion {
  readonly scope: string;
  readonly action: string;
  readonly reason: string;
  readonly context: Readonly<Record<string, unknown>>;
}

export class DemoJob implements Disposable {
  readonly #stage: DemoStage;
  readonly #sessionId: string;
  readonly #jobId = newId();
  readonly #canceled = new AbortController();
  readonly #signal: AbortSignal;
  #attached: Disposable | undefined;
  #logSize = 0;

  private constructor(stage: DemoStage, sessionId: string) {
    this.#stage = stage;
    this.#sessionId = sessionId;
    this.#signal = AbortSignal.any([stage.signal, this.#canceled.signal]);
  }

  static async start(
    stage: DemoStage,
    { sessionId, instruction, agent }: { sessionId: string; instruction: string; agent: string | undefined },
  ): Promise<DemoJob> {
    const job = new DemoJob(stage, sessionId);
    job.#attached = await stage.attach(job.#jobId, (reason) =>
      job.#canceled.abort(new DemoStopped(reason ?? "Canceled")),
    );
    await job.#tell("job.started", { instruction: asDemo(instruction), ...(agent === undefined ? {} : { agent }) });
    return job;
  }

  /** Resolves at a minute of the hour. */
  until(minute: number): Promise<void> {
    return this.#stage.clock.until(minute, this.#signal);
  }

  /** Resolves after so many minutes. */
  pass(minutes: number): Promise<void> {
    return this.#stage.clock.pass(minutes, this.#signal);
  }

  /** Adds lines to the job's log. */
  async print(...lines: readonly string[]): Promise<void> {
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
    const offset = this.#logSize;
    this.#logSize += bytes.length;
    await this.#stage.log(this.#jobId, bytes, offset);
  }

  async progress(message: string, percent: number): Promise<void> {
    await this.#tell("job.progress", { message, percent });
  }

  async tool({ tool, file, summary, minutes, prints = [], diffStat, error }: DemoToolCall): Promise<void> {
    const call = {
      tool,
      tool_use_id: newId(),
      ...(file === undefined ? {} : { file }),
      ...(summary === undefined ? {} : { summary }),
    };
    await this.#tell("job.tool_started", call);
    for (const line of prints) {
      await this.pass(minutes / prints.length);
      await this.print(line);
    }
    if (prints.length === 0) await this.pass(minutes);
    await this.#tell("job.tool_completed", {
      ...call,
      success: error === undefined,
      duration_seconds: minutes * 60,
      ...(diffStat === undefined ? {} : { diff_stat: diffStat }),
      ...(error === undefined ? {} : { error }),
    });
  }

  /** Asks for approval; what comes of it is a person's to say, or nobody's in time. */
  async ask({ scope, action, reason, context }: DemoQuestion): Promise<{ isApproved: boolean; reason: string | null }> {
    const approvalId = newId();
    const expiresAt = Date.now() + this.#stage.clock.scaledMs(ANSWER_TIMEOUT_MS);
    await this.#tell("job.approval_needed", {
      approval_id: approvalId,
      scope,
      action: asDemo(action),
      reason,
      context,
      expires_at: new Date(expiresAt).toISOString(),
    });
    this.#stage.onAsked(approvalId, asDemo(action));
    const { connect } = this.#stage;
    // Where Redis is away the question is yet to get its place, and then it is waited for all the same.
    const approval = await awaitDecision({ approvalId, connect, signal: this.#signal, isHeldBack: true });
    if (approval === undefined) throw this.#signal.reason;
    return { isApproved: approval.state === "approved", reason: approval.decision?.reason ?? null };
  }

  async complete(summary: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.#tell("job.completed", { success: true, summary, ...more });
  }

  async fail(error: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.#tell("job.failed", { error, ...more });
  }

  async cancel(reason: string): Promise<void> {
    await this.#tell("job.canceled", { reason });
  }

  [Symbol.dispose](): void {
    this.#attached?.[Symbol.dispose]();
  }

  #tell(event_type: string, data: Record<string, unknown>): Promise<void> {
    return this.#stage.tell({ event_type, data, sessionId: this.#sessionId, jobId: this.#jobId });
  }
}

/** What a model that the demo makes up has used. */
export function demoUsage(inputTokens: number, outputTokens: number, costUsd: number): { readonly usage: Usage } {
  return {
    usage: {
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      cache_read_tokens: inputTokens * 20,
      cache_write_tokens: inputTokens * 2,
      cost_usd: costUsd,
    },
  };
}
