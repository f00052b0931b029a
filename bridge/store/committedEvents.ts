/**
 * Owns what follows from a batch that is on disk: it is counted, made searchable and told, and where the partition that
 * grows is full, the next one begins.
 */
import type { StoredEvent } from "../../shared/events/event.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { AppendEntry } from "./appendQueue.ts";
import type { Journal } from "./journal/journal.ts";
import { count, type PartitionCatalogue } from "./partitionCatalogue.ts";
import type { SearchFeed } from "./searchFeed.ts";

/** When a partition is closed: whichever comes first. */
export interface PartitionLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** A few megabytes in memory, some tens of milliseconds to seal, and little to read back at a start. */
export const PARTITION_LIMITS: PartitionLimits = { maxEvents: 10_000, maxBytes: 8 * 1024 * 1024 };

export interface CommittedEventsOptions {
  readonly lastSeq: number;
  readonly busCursor: string | undefined;
  readonly catalogue: PartitionCatalogue;
  readonly journal: Journal;
  readonly feed: SearchFeed;
  readonly limits: PartitionLimits;
  /** Begins to seal what waits for it. */
  readonly seal: () => void;
  /** Told of stored events before their appends are answered. */
  readonly listeners: ReadonlySet<(batch: readonly StoredEvent[]) => void>;
  readonly nowMs: () => number;
  readonly log: Logger;
}

export class CommittedEvents {
  readonly #options: CommittedEventsOptions;
  #lastSeq: number;
  #busCursor: string | undefined;

  constructor(options: CommittedEventsOptions) {
    this.#options = options;
    this.#lastSeq = options.lastSeq;
    this.#busCursor = options.busCursor;
  }

  /** The newest event on disk. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Where the bus stood at the newest append that said so. */
  get busCursor(): string | undefined {
    return this.#busCursor;
  }

  /** `bytes` are the batch's lines, as they are on disk. */
  take(batch: readonly AppendEntry[], bytes: Uint8Array): void {
    const { catalogue, feed, nowMs } = this.#options;
    const { active } = catalogue;
    const stored: StoredEvent[] = [];
    for (const { event, body, busCursor } of batch) {
      this.#busCursor = busCursor ?? this.#busCursor;
      if (event === undefined || body === undefined) continue;
      count(active, event, body);
      stored.push(event);
    }
    if (stored.length === 0) return;
    active.arrivedByMs = Math.max(active.arrivedByMs, nowMs());
    this.#lastSeq = active.last;
    // Given over before anybody is told, so that whoever is told and asks finds them.
    feed.push(active.first, bytes);
    this.#tell(stored);
  }

  /** Whether there is room for more behind a batch of so many events and bytes that is yet to be taken: `makeRoom` can wait. */
  mayFollow(events: number, bytes: number): boolean {
    const { catalogue, feed } = this.#options;
    return !this.#isFull(catalogue.active.events + events, catalogue.active.bytes + bytes) && feed.hasRoom;
  }

  /** Runs between two batches; resolves when the next one may be written. */
  async makeRoom(): Promise<void> {
    const { catalogue, feed } = this.#options;
    const { events, bytes } = catalogue.active;
    if (events > 0 && this.#isFull(events, bytes)) await this.rotate();
    await feed.room();
  }

  /** Goes on in a new partition. Where that fails the old one goes on growing, and the next batch tries again. */
  async rotate(): Promise<void> {
    const { catalogue, journal, seal, log } = this.#options;
    try {
      await journal.rotate(this.#lastSeq + 1);
    } catch (error) {
      log.warn("The journal could not begin a new file and goes on in the old one", { error });
      return;
    }
    catalogue.begin(this.#lastSeq + 1);
    seal();
  }

  #isFull(events: number, bytes: number): boolean {
    const { maxEvents, maxBytes } = this.#options.limits;
    return events >= maxEvents || bytes >= maxBytes;
  }

  #tell(stored: readonly StoredEvent[]): void {
    for (const listener of this.#options.listeners) {
      try {
        listener(stored);
      } catch (error) {
        this.#options.log.error("A listener of the event store failed", { error });
      }
    }
  }
}
