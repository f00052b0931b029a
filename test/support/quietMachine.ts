/** Waits until the machine has time to spare, so that what is timed is what we built and not what else is starting up. */
import { cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

const LOOK_MS = 500;
const IDLE_SHARE = 0.6;
/** On a machine that never rests, whoever measures has to measure all the same. */
const MAX_WAIT_MS = 30_000;

/** Resolves once the processors were idle for most of half a second, or after half a minute. */
export async function quietMachine(): Promise<void> {
  const deadline = Date.now() + MAX_WAIT_MS;
  let before = processorTime();
  while (Date.now() < deadline) {
    await delay(LOOK_MS);
    const now = processorTime();
    if (now.idle - before.idle >= IDLE_SHARE * (now.all - before.all)) return;
    before = now;
  }
}

/** Since the machine's start, over all processors, in milliseconds. */
function processorTime(): { readonly idle: number; readonly all: number } {
  const times = cpus().map((processor) => processor.times);
  const idle = times.reduce((sum, each) => sum + each.idle, 0);
  const all = times.reduce((sum, each) => sum + each.user + each.nice + each.sys + each.idle + each.irq, 0);
  return { idle, all };
}
