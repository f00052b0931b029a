/**
 * Owns what the main thread knows of event ids: exactly, for those that the journal holds; as a Bloom filter, for each
 * sealed partition.
 */
import { BitSlicedFilters } from "./bitSlicedFilters.ts";
import { BloomFilter, bloomHash } from "./bloomFilter.ts";
import { contentHash, parseBody } from "./eventContent.ts";

export interface KnownEvent {
  readonly seq: number;
  /** See `contentHash`. */
  readonly hash: string;
}

/** An event that has its place and is not on disk yet. */
interface EventInFlight {
  readonly seq: number;
  /** Its JSON. */
  readonly body: string;
}

/** An event that the journal has: what is in it is looked up where it is asked for, which is seldom. */
interface EventOnDisk {
  readonly seq: number;
  readonly partition: number;
}

export class EventIndex {
  /** In the order of `seq`. */
  readonly #exact = new Map<string, EventInFlight | EventOnDisk>();
  /** By partition. */
  readonly #filters = new BitSlicedFilters();

  /** An event that is in flight. */
  get(eventId: string): KnownEvent | undefined {
    const known = this.#exact.get(eventId);
    if (known === undefined || !("body" in known)) return undefined;
    return { seq: known.seq, hash: contentHash(parseBody(known.body)) };
  }

  /** The place of an event that the journal has, by its id alone. */
  seqOnDisk(eventId: string): number | undefined {
    const known = this.#exact.get(eventId);
    return known === undefined || "body" in known ? undefined : known.seq;
  }

  /** `body` is the event's JSON. */
  add(eventId: string, seq: number, body: string): void {
    this.#exact.set(eventId, { seq, body });
  }

  /** The event is on disk, or was found there. */
  onDisk(eventId: string, seq: number, partition: number): void {
    this.#exact.set(eventId, { seq, partition });
  }

  /** Forgets what did not get on disk. */
  forgetAfter(seq: number): void {
    for (const [eventId, known] of this.#exact) {
      if (known.seq > seq) this.#exact.delete(eventId);
    }
  }

  /** The partitions in which to look for an id that `get` does not know. */
  suspects(eventId: string): number[] {
    const known = this.#exact.get(eventId);
    if (known !== undefined) return "body" in known ? [] : [known.partition];
    return this.#filters.whichMayHave(bloomHash(eventId));
  }

  /** A partition is sealed: its ids, up to `last`, are known by its filter from now on. The memory of `ids` is taken over. */
  sealed(first: number, last: number, ids: Uint8Array): void {
    this.#filters.set(first, new BloomFilter(ids));
    for (const [eventId, { seq }] of this.#exact) {
      if (seq > last) break;
      this.#exact.delete(eventId);
    }
  }

  removed(first: number): void {
    this.#filters.delete(first);
  }
}
