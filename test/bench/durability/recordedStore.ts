/**
 * The program whose system calls are recorded: it opens a store, appends alone and together, lets partitions be sealed and
 * the oldest be removed and the next be thinned, and says on its standard output what was acknowledged and what it is
 * about to remove.
 */
import { writeSync } from "node:fs";
import { LocalStore } from "../../../bridge/store/localStore.ts";
import { eventNumber } from "../../bridge/store/eventNumber.ts";
import { removeOlderThan } from "../../support/removeOlderThan.ts";

const [directory = "", workerFile = "", wasmFile = "", ...numbers] = process.argv.slice(2);
const [from = 1, to = 24, removeUpTo = 0, thinUpTo = 0] = numbers.map(Number);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const store = new LocalStore({ directory, workerFile, wasmFile, log, partition: { maxEvents: 5 } });

const say = (line: string) => void writeSync(1, `${line}\n`);

async function append(numbers: readonly number[]): Promise<void> {
  const outcomes = await store.append(numbers.map((number) => eventNumber(number)));
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.kind === "stored") say(`acknowledged ${numbers[index]} ${outcome.seq}`);
  }
}

async function run(): Promise<void> {
  await store.start();
  say("started");
  for (let number = from; number <= to; ) {
    // One, then two callers at once, then three events of one caller.
    const next = (count: number) => Array.from({ length: count }, () => number++).filter((each) => each <= to);
    await append(next(1));
    await Promise.all([append(next(1)), append(next(1))]);
    await append(next(3));
  }
  // Waits for sealing as well.
  await removeOlderThan(store, "2000-01-01T00:00:00.000Z");
  if (removeUpTo > 0) {
    say(`removing ${removeUpTo}`);
    await removeOlderThan(store, eventNumber(removeUpTo + 1).timestamp);
  }
  if (thinUpTo > 0) {
    say(`removing ${thinUpTo}`);
    await thin(Date.parse(eventNumber(thinUpTo + 1).timestamp));
  }
  say("stopping");
  await store.stop();
}

/** Takes every event from before a time out of the partitions that it is in. */
async function thin(beforeMs: number): Promise<void> {
  const rules = { beforeMs, projects: new Map<string, number>(), pinned: [] };
  const terms = { rules, nowMs: Date.now(), leastShare: 0, signal: new AbortController().signal };
  for (const { first } of store.upkeep.sealedPartitions(terms.nowMs)) await store.upkeep.reducePartition(first, terms);
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 3;
});
