/** Owns the list of partitions, oldest first: which are sealed, which wait for it, and the one that grows. */
import type { StoredEvent } from "../../shared/events/event.ts";
import { BloomFilter } from "./bloomFilter.ts";
import type { SealedPartition } from "./worker/messages.ts";

/** A partition as far as it concerns the main thread. Times are the events' own timestamps in milliseconds. */
export interface Partition {
  readonly first: number;
  /** `first - 1` while it is empty. */
  last: number;
  events: number;
  oldestMs: number;
  newestMs: number;
  /** Of its file; of its bodies, roughly, while it grows. */
  bytes: number;
  /** Its events came no later than this. */
  arrivedByMs: number;
  /** Undefined while the journal holds it. */
  isSealed: boolean;
  /** What queries can find in it; undefined while it grows. */
  terms: BloomFilter | undefined;
}

export class PartitionCatalogue {
  #partitions: Partition[];

  constructor(sealed: readonly SealedPartition[]) {
    this.#partitions = sealed.map(fromSealed);
  }

  /** Oldest first. */
  get all(): readonly Partition[] {
    return this.#partitions;
  }

  /** Closed and still in the journal, oldest first. */
  get waitingForSeal(): readonly Partition[] {
    return this.#partitions.slice(0, -1).filter(({ isSealed }) => !isSealed);
  }

  /** The one that grows. */
  get active(): Partition {
    const active = this.#partitions.at(-1);
    if (active === undefined || active.isSealed) throw new Error("The store has no partition that grows");
    return active;
  }

  get(first: number): Partition | undefined {
    return this.#partitions.find((partition) => partition.first === first);
  }

  /** From now on events go into a new partition that begins at `first`. */
  begin(first: number): Partition {
    const partition: Partition = {
      first,
      last: first - 1,
      events: 0,
      oldestMs: Number.POSITIVE_INFINITY,
      newestMs: Number.NEGATIVE_INFINITY,
      bytes: 0,
      arrivedByMs: 0,
      isSealed: false,
      terms: undefined,
    };
    this.#partitions.push(partition);
    return partition;
  }

  sealed(sealed: SealedPartition): void {
    this.#partitions = this.#partitions.map((partition) =>
      partition.first === sealed.first ? fromSealed(sealed) : partition,
    );
  }

  remove(first: number): void {
    this.#partitions = this.#partitions.filter((partition) => partition.first !== first);
  }
}

/** Counts an event into a growing partition; `body` is its JSON. */
export function count(partition: Partition, { seq, timestamp }: StoredEvent, body: string): void {
  const timestampMs = Date.parse(timestamp);
  partition.last = seq;
  partition.events++;
  partition.oldestMs = Math.min(partition.oldestMs, timestampMs);
  partition.newestMs = Math.max(partition.newestMs, timestampMs);
  partition.bytes += body.length;
}

function fromSealed({ sealedAtMs, terms, ids: _ids, ...facts }: SealedPartition): Partition {
  return { ...facts, arrivedByMs: sealedAtMs, isSealed: true, terms: new BloomFilter(terms) };
}
