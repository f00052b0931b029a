/** Owns what looks after the files of an open store: forgetting, checking and making smaller, each in small steps. */
import type { CompactResult, StoreProgress, VerifyResult } from "../../shared/protocol/store.ts";
import type { PartitionCatalogue } from "./partitionCatalogue.ts";
import type { PartitionRemoval, RemovalTerms, Removed, SealedAge } from "./partitionRemoval.ts";
import type { PartitionWorker } from "./partitionWorker.ts";
import { planMerges, retentionNow } from "./retentionPolicy.ts";
import type { SeqRange } from "./seqRange.ts";
import { type MetadataFile, STORE_FORMAT } from "./storeMetadata.ts";
import { verifyStore } from "./storeVerification.ts";

export interface UpkeepOptions {
  readonly directory: string;
  readonly journalDirectory: string;
  readonly catalogue: PartitionCatalogue;
  readonly metadata: MetadataFile;
  readonly worker: PartitionWorker;
  readonly removal: PartitionRemoval;
  readonly journalBytes: () => number;
  readonly lastSeq: () => number;
  readonly gaps: () => readonly SeqRange[];
  readonly thinned: () => readonly SeqRange[];
  /** Closes the partition that grows if it is worth it, between two batches, and seals what waits for that. */
  readonly closeActive: (isWorthIt: boolean) => Promise<void>;
  readonly partition: { readonly maxEvents: number; readonly maxBytes: number };
  readonly nowMs: () => number;
  /** Aborted when the store stops. */
  readonly stopping: AbortSignal;
}

export interface StoreFacts {
  readonly format: number;
  readonly directory: string;
  readonly events: number;
  readonly oldestMs: number | null;
  readonly newestMs: number | null;
  readonly partitions: { readonly sealed: number; readonly waiting: number; readonly bytes: number };
  readonly journal: { readonly events: number; readonly bytes: number };
}

export class StoreUpkeep {
  readonly #options: UpkeepOptions;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  facts(): StoreFacts {
    const { catalogue, directory, journalBytes } = this.#options;
    const filled = catalogue.all.filter(({ events }) => events > 0);
    const sealed = catalogue.all.filter(({ isSealed }) => isSealed);
    const inJournal = catalogue.all.filter(({ isSealed }) => !isSealed);
    const bytes = (all: typeof sealed) => all.reduce((sum, partition) => sum + partition.bytes, 0);
    const events = (all: typeof sealed) => all.reduce((sum, partition) => sum + partition.events, 0);
    return {
      format: STORE_FORMAT,
      directory,
      events: events(filled),
      oldestMs: filled.length === 0 ? null : Math.min(...filled.map(({ oldestMs }) => oldestMs)),
      newestMs: filled.length === 0 ? null : Math.max(...filled.map(({ newestMs }) => newestMs)),
      partitions: { sealed: sealed.length, waiting: catalogue.waitingForSeal.length, bytes: bytes(sealed) },
      journal: { events: events(inJournal), bytes: bytes(inJournal.slice(0, -1)) + journalBytes() },
    };
  }

  /** The sealed partitions, oldest first. */
  sealedPartitions(nowMs: number): readonly SealedAge[] {
    return this.#options.removal.sealed(nowMs);
  }

  /** Removes what may go of one sealed partition, in steps between which everything else gets its turn. */
  async reducePartition(first: number, terms: RemovalTerms): Promise<Removed> {
    return this.#options.removal.reduce(first, this.#untilStop(terms));
  }

  /** Closes and seals the partition that grows, if enough of it may go: a quiet bridge's would take years to fill. */
  async closeActiveFor(terms: RemovalTerms): Promise<void> {
    const { removal, closeActive } = this.#options;
    await closeActive(await removal.isActiveWorthClosing(this.#untilStop(terms)));
  }

  /** What retention takes the time to be, which follows the machine's clock with care; kept for the next start. */
  async retentionNow(): Promise<number> {
    const { metadata, catalogue, nowMs: clock } = this.#options;
    // A store from before this was kept says when it was written last.
    const arrivals = catalogue.all.map(({ arrivedByMs }) => arrivedByMs);
    const lastMs = metadata.current.retention_ms ?? (Math.max(0, ...arrivals) || undefined);
    const nowMs = retentionNow(clock(), lastMs);
    await metadata.update(() => ({ retention_ms: nowMs }));
    return nowMs;
  }

  /** Reads everything there is and compares it with what it should be; changes nothing. */
  verify(signal: AbortSignal): AsyncGenerator<StoreProgress | VerifyResult> {
    return verifyStore({ ...this.#options, signal: AbortSignal.any([signal, this.#options.stopping]) });
  }

  /** Takes out all that may go, whatever it frees, and writes small neighbours as one. */
  async *compact(terms: Omit<RemovalTerms, "leastShare">): AsyncGenerator<StoreProgress | CompactResult> {
    const { removal, partition: limits } = this.#options;
    const own = this.#untilStop({ ...terms, leastShare: 0 });
    await this.closeActiveFor(own);
    const before = this.facts().partitions;
    const sealed = this.sealedPartitions(own.nowMs);
    let eventsRemoved = 0;
    for (const [index, { first }] of sealed.entries()) {
      own.signal.throwIfAborted();
      eventsRemoved += (await removal.reduce(first, own)).events;
      yield { kind: "progress", done: index + 1, total: sealed.length, what: "partitions looked through" };
    }
    const groups = planMerges(this.#mergeable(), limits);
    for (const [index, firsts] of groups.entries()) {
      await removal.merge(firsts, own.signal);
      yield { kind: "progress", done: index + 1, total: groups.length, what: "groups of small partitions joined" };
    }
    const after = this.facts().partitions;
    yield {
      kind: "compacted",
      bytes_before: before.bytes,
      bytes_after: after.bytes,
      events_removed: eventsRemoved,
      partitions_before: before.sealed,
      partitions_after: after.sealed,
    };
  }

  /** Sealed partitions with nothing between them that is not sealed. */
  #mergeable() {
    const { all } = this.#options.catalogue;
    const end = all.findIndex(({ isSealed }) => !isSealed);
    return all.slice(0, end === -1 ? all.length : end);
  }

  #untilStop<T extends { readonly signal: AbortSignal }>(terms: T): T {
    return { ...terms, signal: AbortSignal.any([terms.signal, this.#options.stopping]) };
  }
}
