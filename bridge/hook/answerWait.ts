/** Owns waiting for a person's answer, over restarts of the bridge and for as long as the agent waits itself. */
import { backoffDelayMs } from "../../shared/client/backoff.ts";
import type { HookReply } from "./runningBridge.ts";

/** How long the bridge is let wait for the answer in one request. */
const LONG_WAIT_SECONDS = 30;
/** After a failure: long enough to be a wait, and short enough to learn soon that the bridge is back. */
const SHORT_WAIT_SECONDS = 1;
/** How much longer than that the bridge may be silent. */
const SILENCE_MS = 10_000;
/** How long the bridge may take to hear that it was given up: the agent's own question waits for that. */
const FAREWELL_MS = 1000;
const RETRY_BACKOFF = { firstMs: 100, maxMs: 1000 } as const;
/** How often to look whether the agent is still there. */
const LOOK_INTERVAL_MS = 1000;

/** How long the bridge is to wait before it answers that there is no answer yet, and how long this process is. */
export type AskTimes = readonly [waitSeconds: number, timeoutMs: number];

export interface AnswerWaitOptions {
  readonly waitMs: number;
  readonly graceMs: number;
  /** Asks once. */
  ask(...times: AskTimes): Promise<HookReply>;
  /** Says that this process waits no longer. */
  giveUp(timeoutMs: number): Promise<HookReply>;
}

/**
 * What is to be printed; undefined when there is nothing to print, whereupon the agent asks by itself: no answer in time, a
 * bridge that was away for longer than its grace, or a request that is withdrawn.
 */
export async function awaitAnswer({ waitMs, graceMs, ask, giveUp }: AnswerWaitOptions): Promise<string | undefined> {
  const endMs = performance.now() + waitMs;
  let failures = 0;
  let graceEndMs = Number.POSITIVE_INFINITY;
  for (;;) {
    const leftMs = Math.min(endMs, graceEndMs) - performance.now();
    if (leftMs <= 0) {
      const last = await giveUp(FAREWELL_MS);
      return last.kind === "answer" ? last.output : undefined;
    }
    const waitSeconds = Math.min(failures === 0 ? LONG_WAIT_SECONDS : SHORT_WAIT_SECONDS, Math.ceil(leftMs / 1000));
    const reply = await ask(waitSeconds, Math.min(leftMs, waitSeconds * 1000 + SILENCE_MS));
    if (reply.kind === "answer") return reply.output;
    if (reply.kind === "done" || reply.kind === "refused") return undefined;
    if (reply.kind === "wait") {
      failures = 0;
      graceEndMs = Number.POSITIVE_INFINITY;
      continue;
    }
    failures += 1;
    if (failures === 1) graceEndMs = performance.now() + graceMs;
    await delay(backoffDelayMs(failures, Math.random(), RETRY_BACKOFF));
  }
}

/**
 * Ends this process with the agent that started it, or when it is told to: nobody is left to be answered, and the closed
 * connection withdraws the question everywhere.
 */
export function endWithAgent(): void {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, () => process.exit(0));
  const agent = process.ppid;
  setInterval(() => {
    // Whose parent ends gets another one, except on Windows, where the agent ends its hooks itself.
    if (process.ppid !== agent) process.exit(0);
  }, LOOK_INTERVAL_MS).unref();
}

/** `node:timers/promises` would have to be loaded. */
function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
