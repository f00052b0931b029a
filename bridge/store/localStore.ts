/**
 * Owns the store's life and what its parts do for each other: the append queue gives numbers, the group commit gets them
 * on disk, the worker makes them searchable, the sealer and retention keep the files small and few.
 */
import { join } from "node:path";
import type { Event, StoredEvent } from "../../shared/events/event.ts";
import type { StoreHealth } from "../../shared/protocol/health.ts";
import { type ProblemError, problem } from "../../shared/protocol/problem.ts";
import type { Logger } from "../diagnostics/logger.ts";
import { type AppendEntry, AppendQueue } from "./appendQueue.ts";
import { CommittedEvents, PARTITION_LIMITS } from "./committedEvents.ts";
import { makeDirectory } from "./durableFile.ts";
import { findKnown, readEvents } from "./eventReader.ts";
import type { AppendOptions, AppendOutcome, EventQuery, EventStore } from "./eventStore.ts";
import { GroupCommit } from "./groupCommit.ts";
import { type OpenJournalFile, openOnThread } from "./journal/journalFile.ts";
import { joinLines } from "./journal/journalRecord.ts";
import { segmentAt } from "./journal/segmentName.ts";
import { scanSegment } from "./journal/segmentScan.ts";
import { WriterThread } from "./journal/writerThread.ts";
import { PartitionRemoval } from "./partitionRemoval.ts";
import { PartitionRewriter } from "./partitionRewriter.ts";
import { type Damage, PartitionWorker } from "./partitionWorker.ts";
import { describeLost, type RecoveredStore, recover } from "./recovery.ts";
import { Sealer } from "./sealer.ts";
import { SearchFeed } from "./searchFeed.ts";
import { mergeRanges, rangesFrom, type SeqRange } from "./seqRange.ts";
import { StoreCondition } from "./storeCondition.ts";
import { MetadataFile, withGaps } from "./storeMetadata.ts";
import { openFailure } from "./storeOpenError.ts";
import { StoreUpkeep } from "./storeUpkeep.ts";

export interface LocalStoreOptions {
  readonly directory: string;
  /** The bundled `worker/main.ts`. */
  readonly workerFile: string;
  /** sql.js's `sql-wasm.wasm`. */
  readonly wasmFile: string;
  readonly log: Logger;
  /** When a partition is sealed: whichever comes first. */
  readonly partition?: { readonly maxEvents?: number; readonly maxBytes?: number };
  readonly openJournalFile?: OpenJournalFile;
  readonly nowMs?: () => number;
}

/** What exists while the store is open. */
interface OpenStore extends RecoveredStore {
  readonly metadata: MetadataFile;
  readonly worker: PartitionWorker;
  readonly writer: WriterThread;
  readonly queue: AppendQueue;
  readonly commit: GroupCommit<AppendEntry>;
  readonly committed: CommittedEvents;
  readonly sealer: Sealer;
  readonly upkeep: StoreUpkeep;
}

export class LocalStore implements EventStore {
  readonly #options: LocalStoreOptions;
  readonly #journalDirectory: string;
  readonly #nowMs: () => number;
  readonly #listeners = new Set<(batch: readonly StoredEvent[]) => void>();
  readonly #condition: StoreCondition;
  /** Found lost while running: known here before `meta.json` says so. */
  readonly #foundLost: SeqRange[] = [];
  #open: OpenStore | undefined;
  #isStopping = false;
  readonly #stopping = new AbortController();

  constructor(options: LocalStoreOptions) {
    this.#options = options;
    this.#condition = new StoreCondition(options.directory);
    this.#journalDirectory = join(options.directory, "journal");
    this.#nowMs = options.nowMs ?? Date.now;
  }

  get epoch(): string {
    return this.#opened.metadata.current.epoch;
  }

  get firstSeq(): number {
    return this.#opened.catalogue.all.find(({ events }) => events > 0)?.first ?? this.lastSeq + 1;
  }

  get lastSeq(): number {
    return this.#open?.committed.lastSeq ?? 0;
  }

  get busCursor(): string | undefined {
    return this.#open?.committed.busCursor;
  }

  /** Events that should be there and are lost to damage, ascending; a stream that passes one says so. */
  gaps(): readonly SeqRange[] {
    const { gaps, first_seq } = this.#opened.metadata.current;
    return rangesFrom(mergeRanges([...gaps, ...this.#foundLost]), first_seq);
  }

  /** Where retention has removed events, some or all, behind older ones that stay; ascending. */
  thinned(): readonly SeqRange[] {
    const { removed, thinned } = this.#opened.metadata.current;
    return mergeRanges([...removed, ...thinned]);
  }

  /** What a person should know, in sentences. */
  warnings(): readonly string[] {
    const failure = this.#open?.sealer.failure;
    const unsealed = failure === undefined ? [] : [`A part of the journal could not be sealed: ${failure.message}`];
    return [...this.#condition.warnings, ...unsealed];
  }

  /** @throws StoreVersionError when a newer Televibe wrote the files; StoreOpenError when the disk cannot be used. */
  async start(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      throw openFailure(this.#options.directory, error);
    }
  }

  async #start(): Promise<void> {
    const { directory, workerFile, wasmFile, log } = this.#options;
    await makeDirectory(directory);
    const metadata = await MetadataFile.open(directory);
    const warn = (sentence: string) => this.#condition.notice(sentence);
    if (metadata.damage !== undefined) {
      const outcome = metadata.damage === "restored" ? "its copy took its place" : "readers begin anew";
      const sentence = `The event store's meta.json was damaged and set aside; ${outcome}.`;
      log.error(sentence, { directory });
      warn(sentence);
    }
    const worker = new PartitionWorker({
      workerFile,
      wasmFile,
      directory: join(directory, "partitions"),
      log,
      nowMs: this.#nowMs,
      firstSeq: () => metadata.current.first_seq,
      reload: (append) => this.#reload(append),
      onDamaged: (damage) => this.#noteDamage(metadata, damage),
      onFailed: (error) => this.#condition.fail(error),
    });
    const writer = new WriterThread();
    try {
      const openFile = this.#options.openJournalFile ?? ((path) => openOnThread(path, writer));
      const recovered = await recover({
        journalDirectory: this.#journalDirectory,
        metadata,
        worker,
        openFile,
        log,
        warn,
      });
      this.#begin(recovered, metadata, worker, writer);
    } catch (error) {
      await worker.stop();
      await writer.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    const open = this.#open;
    if (open === undefined || this.#isStopping) return;
    this.#isStopping = true;
    this.#stopping.abort();
    await open.queue.idle();
    await open.commit.idle();
    await open.sealer.stop();
    await open.worker.stop();
    await open.metadata.idle();
    // A thread that nobody stops keeps the process alive.
    await open.journal.close().finally(() => open.writer.stop());
  }

  async append(events: readonly Event[], options: AppendOptions = {}): Promise<readonly AppendOutcome[]> {
    if (this.#isStopping) throw problem("stopping", "The bridge is stopping; publish again when it is back.");
    return this.#opened.queue.append(events, options);
  }

  onDidAppend(listener: (batch: readonly StoredEvent[]) => void): Disposable {
    // One more wrapper, so that the same function can listen twice.
    const own = (batch: readonly StoredEvent[]) => listener(batch);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  async query(query: EventQuery): Promise<readonly StoredEvent[]> {
    const { catalogue, worker } = this.#opened;
    return readEvents(query, catalogue, worker);
  }

  /** What looks after the files. */
  get upkeep(): StoreUpkeep {
    return this.#opened.upkeep;
  }

  health(): StoreHealth {
    const { catalogue, journal } = this.#opened;
    const files = catalogue.all.slice(0, -1).reduce((sum, { bytes }) => sum + bytes, 0);
    return {
      state: this.#condition.state,
      epoch: this.epoch,
      first_seq: this.firstSeq,
      last_seq: this.lastSeq,
      bytes: files + journal.size,
    };
  }

  get #opened(): OpenStore {
    if (this.#open === undefined) throw new Error("The event store is not started");
    return this.#open;
  }

  #begin(recovered: RecoveredStore, metadata: MetadataFile, worker: PartitionWorker, writer: WriterThread): void {
    const { index, catalogue, journal, lastSeq, busCursor } = recovered;
    const { log } = this.#options;
    const nowMs = this.#nowMs;
    const limits = { ...PARTITION_LIMITS, ...this.#options.partition };
    const sealer = new Sealer({
      journalDirectory: this.#journalDirectory,
      ...{ catalogue, index, worker, metadata, nowMs, log },
      busCursor: () => committed.busCursor,
    });
    const committed = new CommittedEvents({
      ...{ lastSeq, busCursor, catalogue, journal, limits, nowMs, log },
      feed: new SearchFeed(worker, log),
      seal: () => void sealer.seal(),
      listeners: this.#listeners,
    });
    const commit = new GroupCommit<AppendEntry>({
      write: (bytes) => journal.append(bytes),
      mayFollow: (batch, bytes) => committed.mayFollow(batch.length, bytes.length),
      onCommitted: (batch, bytes) => {
        this.#condition.written();
        const { first } = catalogue.active;
        for (const { event } of batch) if (event !== undefined) index.onDisk(event.event_id, event.seq, first);
        committed.take(batch, bytes);
      },
      onFailed: (error) => this.#writeFailed(error),
      afterBatch: () => committed.makeRoom(),
    });
    const queue = new AppendQueue({
      index,
      lastSeq,
      commit: (entries) => commit.enqueue(entries),
      find: (partition, eventIds) => findKnown(worker, partition, eventIds),
      refusal: () => this.#condition.refusal,
    });
    const upkeep = new StoreUpkeep({
      directory: this.#options.directory,
      journalDirectory: this.#journalDirectory,
      catalogue,
      metadata,
      worker,
      removal: new PartitionRemoval({ ...recovered, metadata, worker, rewriter: new PartitionRewriter(worker) }),
      journalBytes: () => journal.size,
      lastSeq: () => committed.lastSeq,
      gaps: () => this.gaps(),
      thinned: () => this.thinned(),
      closeActive: (isWorthIt) => this.#closeActive(isWorthIt),
      partition: limits,
      nowMs,
      stopping: this.#stopping.signal,
    });
    this.#open = { ...recovered, metadata, worker, writer, commit, committed, queue, sealer, upkeep };
    worker.keepAlive();
    void sealer.seal();
  }

  async #closeActive(isWorthIt: boolean): Promise<void> {
    const { catalogue, commit, committed, sealer } = this.#opened;
    // Also when there is nothing to close: a batch that was just written may be about to.
    await commit.between(async () => {
      if (isWorthIt && catalogue.active.events > 0) await committed.rotate();
    });
    await sealer.seal();
  }

  #writeFailed(error: unknown): ProblemError {
    this.#opened.queue.rewind(this.lastSeq);
    this.#options.log.error("The event store could not write", { error });
    return this.#condition.writeFailed(error);
  }

  /** What the journal holds, for a worker that has lost its memory. */
  async #reload(append: (partition: number, lines: Uint8Array) => Promise<void>): Promise<void> {
    const { lastSeq } = this;
    for (const { first, isSealed } of this.#opened.catalogue.all) {
      if (isSealed) continue;
      await scanSegment(segmentAt(this.#journalDirectory, first).path, first, (records) =>
        append(first, joinLines(records.filter(({ seq }) => seq <= lastSeq))),
      );
    }
  }

  #noteDamage(metadata: MetadataFile, { sealed, keptAs, lost }: Damage): void {
    this.#options.log.error("A partition is damaged; what is whole in it was kept", { keptAs, lost });
    this.#condition.notice(`A part of the event store was damaged. ${describeLost(lost)} It is kept as ${keptAs}.`);
    this.#foundLost.push(...lost);
    this.#open?.catalogue.sealed(sealed);
    metadata.update(withGaps(lost)).catch((error: unknown) => {
      this.#options.log.error("A gap could not be noted in meta.json", { error });
    });
  }
}
