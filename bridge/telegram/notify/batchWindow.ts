/** Owns how long routine notices are collected. Pure. */

/** The specification's figure, and what it is after a quiet while. */
export const FIRST_WINDOW_MS = 2_000;
/** Under a steady stream nobody reads a message every two seconds, and Telegram does not take 20 a minute in a group. */
export const LONGEST_WINDOW_MS = 60_000;

/**
 * The next window: the first length after a quiet while, twice the last one while it goes on and on.
 *
 * @param quietMs from the end of the last window to the notice that opens this one; Infinity where there was none.
 */
export function nextWindowMs(lastWindowMs: number, quietMs: number): number {
  if (quietMs > 2 * lastWindowMs + FIRST_WINDOW_MS) return FIRST_WINDOW_MS;
  return Math.min(LONGEST_WINDOW_MS, lastWindowMs * 2);
}
