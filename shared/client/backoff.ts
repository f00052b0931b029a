/** Owns how long a client waits before it tries again: exponential, with full jitter, so that many do not come at once. */

export interface Backoff {
  /** The most that the first wait can be. */
  readonly firstMs: number;
  /** The most that any wait can be. */
  readonly maxMs: number;
}

export const DEFAULT_BACKOFF: Backoff = { firstMs: 250, maxMs: 10_000 };

/**
 * How long to wait after the `failures`th failure in a row (counted from 1), in milliseconds.
 *
 * @param random from 0 (included) to 1 (excluded).
 */
export function backoffDelayMs(
  failures: number,
  random: number,
  { firstMs, maxMs }: Backoff = DEFAULT_BACKOFF,
): number {
  const mostMs = Math.min(maxMs, firstMs * 2 ** Math.max(0, failures - 1));
  return Math.floor(random * mostMs);
}
