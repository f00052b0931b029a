/** Owns time as the Telegram parts see it, so that a test can hold it still. */
import { setTimeout as sleep } from "node:timers/promises";

export interface Clock {
  /** Milliseconds that only ever grow; for durations, never for a date. */
  nowMs(): number;
  /** Milliseconds since the epoch; for what a person reads. */
  dateMs(): number;
  /** Resolves after `ms`, or at once when the signal aborts; it never rejects. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

// The longest delay that a timer can hold; a longer one would fire at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  dateMs: () => Date.now(),
  async wait(ms, signal) {
    const delayMs = Math.min(Math.max(0, ms), LONGEST_TIMER_MS);
    try {
      await sleep(delayMs, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
  },
};
