/** Owns waiting until a moment, or for a while, and no longer than somebody wants. */

/** Node's timers cannot wait longer: they would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A signal that aborts at a moment; never, when that is undefined or weeks away. */
export function deadlineSignal(deadlineMs: number | undefined): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const leftMs = deadlineMs === undefined ? Number.POSITIVE_INFINITY : Math.max(0, deadlineMs - Date.now());
  const timer = leftMs > MAX_TIMER_MS ? undefined : setTimeout(() => controller.abort(), leftMs);
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}

/** Resolves after a while, or at the signal. */
export function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}
