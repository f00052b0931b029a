/** Owns how long to wait before trying again: it doubles up to a bound, and jitter keeps many clients from marching in step. */

export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * @param attempt how many tries failed before, from 0.
 * @param random from 0 to 1; the wait lies between three quarters and all of the full step.
 */
export function backOffMs({ firstMs, longestMs }: BackOff, attempt: number, random: number): number {
  // The exponent is bounded because 2 ** 1024 is Infinity.
  const fullMs = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(fullMs * (0.75 + 0.25 * random));
}
