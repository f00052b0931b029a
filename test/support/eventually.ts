/** Waits for what has no event of its own to wait for: another process's progress, a page that draws itself. */
import { setTimeout as delay } from "node:timers/promises";

const LOOK_INTERVAL_MS = 20;

/** Looks again and again until there is something, and answers it; throws, with the last error it met, after `timeoutMs`. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await delay(LOOK_INTERVAL_MS);
  }
}
