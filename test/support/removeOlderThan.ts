/** Forgets by age alone, whole partitions, a few a call: what retention does, without its settings and its clock. */
import type { LocalStore } from "../../bridge/store/localStore.ts";

const MAX_REMOVED_PARTITIONS = 4;

/** Removes the oldest partitions that hold nothing newer than a time (RFC 3339); answers how many events went. */
export async function removeOlderThan({ upkeep }: LocalStore, time: string, nowMs = Date.now()): Promise<number> {
  const rules = { beforeMs: Date.parse(time), projects: new Map<string, number>(), pinned: [] };
  const terms = { rules, leastShare: 1, nowMs, signal: new AbortController().signal };
  await upkeep.closeActiveFor(terms);
  let events = 0;
  let partitions = 0;
  for (const { first } of upkeep.sealedPartitions(nowMs)) {
    const removed = await upkeep.reducePartition(first, terms);
    events += removed.events;
    if (removed.events > 0 && ++partitions === MAX_REMOVED_PARTITIONS) break;
  }
  return events;
}
