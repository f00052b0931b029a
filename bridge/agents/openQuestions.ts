/**
 * Owns questions that were taken, and may not be told yet. A hook gives its bridge up after a tenth of a second, and telling one
 * may take longer: git is asked, the disk is waited for, earlier calls of its session come first. Such a hook is told at once
 * to come back for its answer, so that nobody is asked what no hook waits for any more.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { HookAnswer } from "../../shared/protocol/agentHook.ts";

/** What they came to is kept of so many, for hooks that come back a moment later. */
const MAX_KEPT = 500;

export class OpenQuestions {
  readonly #promptMs: number;
  readonly #questions = new Map<string, Promise<HookAnswer>>();

  /** @param promptMs how long the answer to a call may be waited for. */
  constructor(promptMs: number) {
    this.#promptMs = promptMs;
  }

  /** What to answer the call with, soon: what telling the question comes to, or that it is to be waited for. */
  async answerSoon(approvalId: string, telling: Promise<HookAnswer>): Promise<HookAnswer> {
    this.#questions.set(approvalId, telling);
    const [oldest] = this.#questions.keys();
    if (this.#questions.size > MAX_KEPT && oldest !== undefined) this.#questions.delete(oldest);
    return (await within(this.#promptMs, telling)) ?? { kind: "wait", approval_id: approvalId };
  }

  has(approvalId: string): boolean {
    return this.#questions.has(approvalId);
  }

  /** What telling it came to; undefined where nothing is known of that, or it takes longer. */
  async told(approvalId: string, waitMs: number, signal: AbortSignal): Promise<HookAnswer | undefined> {
    const telling = this.#questions.get(approvalId);
    return telling && within(waitMs, telling, signal);
  }
}

async function within<T>(timeMs: number, result: Promise<T>, signal?: AbortSignal): Promise<T | undefined> {
  const over = new AbortController();
  const ends = AbortSignal.any([over.signal, ...(signal === undefined ? [] : [signal])]);
  // Rejects only when it is aborted, which ends the wait as well.
  const waited = delay(timeMs, undefined, { signal: ends }).catch(() => undefined);
  try {
    return await Promise.race([result, waited]);
  } finally {
    over.abort();
  }
}
