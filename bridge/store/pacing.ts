/** Owns leaving the worker to others between two steps of background work: for as long again as the step took. */
import { setTimeout as delay } from "node:timers/promises";

/** Longest rest: a worker that is busy with others' work makes a step look long. */
const MAX_REST_MS = 50;

/** Does a step of background work, then rests. Its outcome is known at once when the signal aborts meanwhile. */
export async function paced<T>(step: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const start = performance.now();
  const outcome = await step();
  const restMs = Math.min(MAX_REST_MS, performance.now() - start);
  // Whoever is asked to stop looks at the signal before the next step.
  await delay(restMs, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return outcome;
}
