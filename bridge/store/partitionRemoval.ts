/** Owns forgetting: whole partitions go, from the oldest on, a few at a time. */
import type { EventIndex } from "./eventIndex.ts";
import type { Partition, PartitionCatalogue } from "./partitionCatalogue.ts";
import type { PartitionWorker } from "./partitionWorker.ts";
import { rangesFrom } from "./seqRange.ts";
import type { MetadataFile } from "./storeMetadata.ts";

/** Partitions that one call removes. */
const MAX_REMOVED_PARTITIONS = 4;

export interface RemovalOptions {
  readonly catalogue: PartitionCatalogue;
  readonly index: EventIndex;
  readonly metadata: MetadataFile;
  readonly worker: PartitionWorker;
}

/**
 * The newest moment that a partition can be from: its events' own times, or when they came where those lie in the
 * future. A producer with a wrong clock would keep its partition, and all later ones, for ever.
 */
export function newestMs({ newestMs: newest, arrivedByMs }: Partition): number {
  return Math.min(newest, arrivedByMs);
}

/** Removes sealed partitions that hold nothing newer; answers how many events went. */
export async function removePartitions(olderThanMs: number, options: RemovalOptions): Promise<number> {
  let removed = 0;
  for (const partition of options.catalogue.all.slice(0, MAX_REMOVED_PARTITIONS)) {
    // Only from the oldest on, so that what is kept is one unbroken range.
    if (!partition.isSealed || newestMs(partition) >= olderThanMs) break;
    await remove(partition, options);
    removed += partition.events;
  }
  return removed;
}

async function remove(
  { first, last }: Partition,
  { catalogue, index, metadata, worker }: RemovalOptions,
): Promise<void> {
  // Durable before the file goes: a crash in between must not take back that these are gone.
  await metadata.update(({ gaps }) => ({ first_seq: last + 1, gaps: rangesFrom(gaps, last + 1) }));
  catalogue.remove(first);
  index.removed(first);
  await worker.call("remove", { partition: first });
}
