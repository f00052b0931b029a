/**
 * Owns opening a store: what is sealed, what the journal holds beyond it, and what a crash or a damaged disk has done to
 * either. It can stop at any point and be begun again.
 */
import { rm, stat } from "node:fs/promises";
import type { Logger } from "../diagnostics/logger.ts";
import { makeDirectory, removeHalfWritten, syncDirectory } from "./durableFile.ts";
import { EventIndex } from "./eventIndex.ts";
import { Journal } from "./journal/journal.ts";
import type { OpenJournalFile } from "./journal/journalFile.ts";
import { joinLines } from "./journal/journalRecord.ts";
import { listSegments, type Segment, segmentAt } from "./journal/segmentName.ts";
import { planRepair, rewriteWhole, setAside } from "./journal/segmentRepair.ts";
import { type SegmentScan, scanSegment } from "./journal/segmentScan.ts";
import { count, type Partition, PartitionCatalogue } from "./partitionCatalogue.ts";
import type { PartitionWorker } from "./partitionWorker.ts";
import { mergeRanges, type SeqRange, uncovered } from "./seqRange.ts";
import { type MetadataFile, type StoreMetadata, withGaps } from "./storeMetadata.ts";
import type { RowQuery, SealedPartition } from "./worker/messages.ts";

export interface RecoveryOptions {
  readonly journalDirectory: string;
  readonly metadata: MetadataFile;
  readonly worker: PartitionWorker;
  readonly openFile: OpenJournalFile;
  readonly log: Logger;
  /** Told of what a person should know. */
  readonly warn: (message: string) => void;
}

export interface RecoveredStore {
  readonly journal: Journal;
  readonly catalogue: PartitionCatalogue;
  readonly index: EventIndex;
  readonly lastSeq: number;
  readonly busCursor: string | undefined;
}

export async function recover(options: RecoveryOptions): Promise<RecoveredStore> {
  const { journalDirectory, metadata, worker } = options;
  await makeDirectory(journalDirectory);
  await removeHalfWritten(journalDirectory);
  const found = await listSegments(journalDirectory);
  const sealed = await worker.start(found.map(({ first }) => first));
  const { kept, segments } = await settleSealed(options, sealed, found);

  if (metadata.damage === "lost") {
    // Whether retention has removed what came before, or something else has, nobody knows any more.
    const oldest = Math.min(...[...kept, ...segments].map(({ first }) => first));
    if (Number.isFinite(oldest)) await metadata.update(() => ({ first_seq: oldest }));
  }

  const catalogue = new PartitionCatalogue(kept);
  const index = new EventIndex();
  for (const { first, last, ids } of kept) index.sealed(first, last, ids);

  let busCursor = metadata.current.bus_cursor ?? undefined;
  let journal: Journal | undefined;
  for (const [position, segment] of segments.entries()) {
    const next = segments[position + 1];
    if (await isLeftOver(segment, catalogue)) {
      await rm(segment.path);
      continue;
    }
    const scan = await load(segment, catalogue, index, options);
    const size = await repair(segment, scan, next, options);
    if (segment.first > metadata.current.sealed_seq) busCursor = scan.busCursor ?? busCursor;
    if (next === undefined) journal = await Journal.open(journalDirectory, segment, size, options.openFile);
  }
  const lastSeq = newestSeq(catalogue, metadata);
  await noteMissing(catalogue, lastSeq, options);
  if (journal === undefined) {
    catalogue.begin(lastSeq + 1);
    journal = await Journal.open(journalDirectory, segmentAt(journalDirectory, lastSeq + 1), 0, options.openFile);
  }
  return { journal, catalogue, index, lastSeq, busCursor };
}

/** A segment that could not be begun and could not be removed either: events went on in the one before it. */
async function isLeftOver({ first, path }: Segment, catalogue: PartitionCatalogue): Promise<boolean> {
  return first <= (catalogue.all.at(-1)?.last ?? 0) && (await stat(path)).size === 0;
}

/**
 * A crash between sealing a partition and removing its segment leaves both. The segment goes once the partition is known
 * to be whole; otherwise the partition does, and is made again.
 */
async function settleSealed(
  { journalDirectory, metadata, worker, log, warn }: RecoveryOptions,
  sealed: readonly SealedPartition[],
  segments: readonly Segment[],
): Promise<{ kept: SealedPartition[]; segments: Segment[] }> {
  const kept = [...sealed];
  const left: Segment[] = [];
  for (const segment of segments) {
    const partition = kept.find(({ first }) => first === segment.first);
    // Retention removed the partition, and the segment had outlived it.
    const isRemoved = segment.first <= metadata.current.sealed_seq && segment.first < metadata.current.first_seq;
    if (partition !== undefined && !(await isWholeCopy(worker, partition, segment))) {
      log.error("A partition is not what the journal says; it is made again", { first: partition.first });
      warn("A part of the event store was damaged and is made again from the journal. No event is lost.");
      await worker.call("setAside", { partition: partition.first });
      kept.splice(kept.indexOf(partition), 1);
      left.push(segment);
    } else if (partition === undefined && !isRemoved) {
      left.push(segment);
    } else {
      await metadata.update(await sealedState(segment, partition));
      await rm(segment.path);
      await syncDirectory(journalDirectory);
    }
  }
  return { kept, segments: left };
}

/** What the metadata must say before a segment may go. */
async function sealedState(segment: Segment, partition: SealedPartition | undefined) {
  const { busCursor } = await scanSegment(segment.path, segment.first, () => Promise.resolve());
  return ({ sealed_seq, bus_cursor }: StoreMetadata): Partial<StoreMetadata> => ({
    sealed_seq: Math.max(sealed_seq, partition?.last ?? 0),
    bus_cursor: segment.first > sealed_seq ? (busCursor ?? bus_cursor) : bus_cursor,
  });
}

async function isWholeCopy(worker: PartitionWorker, partition: SealedPartition, segment: Segment): Promise<boolean> {
  const scan = await scanSegment(segment.path, segment.first, () => Promise.resolve());
  if (scan.events !== partition.events || scan.lastSeq !== partition.last) return scan.events < partition.events;
  return worker.call("verify", { partition: partition.first });
}

/** Reads a segment's events into the worker, the index and the catalogue. */
async function load(
  segment: Segment,
  catalogue: PartitionCatalogue,
  index: EventIndex,
  { worker }: RecoveryOptions,
): Promise<SegmentScan> {
  const partition = catalogue.begin(segment.first);
  const { mtimeMs } = await stat(segment.path);
  const appended: Promise<null>[] = [];
  const scan = await scanSegment(segment.path, segment.first, async (records) => {
    for (const { seq, event, body } of records) {
      if (event === undefined || body === undefined) continue;
      index.onDisk(event.event_id, seq, segment.first);
      count(partition, { ...event, seq }, body);
    }
    partition.arrivedByMs = mtimeMs;
    // Read on while the worker takes them in: a segment is no larger than a partition, which it holds in memory anyway.
    const append = worker.call("append", { partition: segment.first, lines: joinLines(records) });
    // Met below; until then it is no failure that nobody looks after.
    append.catch(() => undefined);
    appended.push(append);
  });
  await Promise.all(appended);
  return scan;
}

/** Mends a segment's file; answers its size in bytes, of whole records only. */
async function repair(
  segment: Segment,
  scan: SegmentScan,
  next: Segment | undefined,
  { metadata, log, warn }: RecoveryOptions,
): Promise<number> {
  const plan = planRepair(scan, next === undefined);
  const lost = uncovered([...scan.lost, ...lostTail(scan, next)], metadata.current.gaps);
  const keptAs = plan.setAside ? await setAside(segment.path) : undefined;
  // Before the file is mended: afterwards nothing would tell that events are missing.
  if (lost.length > 0) await metadata.update(withGaps(lost));
  if (keptAs !== undefined || lost.length > 0) {
    log.error("A part of the journal is damaged; what is whole in it was kept", { keptAs, lost });
    const kept = keptAs === undefined ? "" : ` The damaged file is kept as ${keptAs}.`;
    warn(`A part of the journal was damaged. ${describeLost(lost)}${kept}`);
  }
  if (plan.tornBytes > 0) {
    log.warn("A write that a crash cut short was removed; nobody was told that it is stored", {
      file: segment.path,
      bytes: plan.tornBytes,
    });
  }
  return plan.rewrite ? rewriteWhole(segment.path, scan) : scan.bytes - plan.tornBytes;
}

/** What a damaged tail has lost: up to where the next segment begins, or as many events as it has lines. */
function lostTail(scan: SegmentScan, next: Segment | undefined): SeqRange[] {
  const lines = scan.tail.kind === "damaged" ? scan.tail.lines : 0;
  const to = next === undefined ? scan.lastSeq + lines : next.first - 1;
  return to > scan.lastSeq ? [{ from: scan.lastSeq + 1, to }] : [];
}

/** The next event must not get a number that was given before, also when the event that had it is gone. */
function newestSeq(catalogue: PartitionCatalogue, { current }: MetadataFile): number {
  const { first_seq, sealed_seq, gaps, removed, thinned } = current;
  const ends = [gaps, removed, thinned].map((ranges) => ranges.at(-1)?.to ?? 0);
  return Math.max(first_seq - 1, sealed_seq, ...ends, ...catalogue.all.map(({ last }) => last));
}

/**
 * What no partition and no segment has is a gap as well: whole files can be missing, and a crash can come between the
 * mending of a damaged partition and the note of what it has lost.
 */
async function noteMissing(catalogue: PartitionCatalogue, lastSeq: number, options: RecoveryOptions): Promise<void> {
  const { metadata, worker, warn } = options;
  const { first_seq, gaps, removed, thinned } = metadata.current;
  const known = [...gaps, ...removed, ...thinned];
  // Without its metadata the store does not know what retention has taken out of a partition.
  const isKnown = metadata.damage !== "lost";
  const covered = [...known];
  for (const partition of catalogue.all) covered.push(...(await held(partition, isKnown ? known : undefined, worker)));
  const missing = uncovered([{ from: first_seq, to: lastSeq }], covered);
  if (missing.length === 0) return;
  warn(`Parts of the event store are missing. ${describeLost(missing)}`);
  await metadata.update(withGaps(missing));
}

/** What a partition has: all, up to what is known to be gone; where its number of events says otherwise, it is looked at. */
async function held(
  { first, last, events, isSealed }: Partition,
  known: readonly SeqRange[] | undefined,
  worker: PartitionWorker,
): Promise<readonly SeqRange[]> {
  const whole = { from: first, to: last };
  // What the journal has lost was noted as it was read.
  if (!isSealed || known === undefined) return [whole];
  const expected = uncovered([whole], known).reduce((sum, { from, to }) => sum + to - from + 1, 0);
  if (events >= expected) return [whole];
  const query: RowQuery = { filter: {}, after: first - 1, before: last + 1, limit: last - first + 1, order: "asc" };
  const rows = await worker.call("query", { partition: first, query });
  return mergeRanges(rows.map(([seq]) => ({ from: seq, to: seq })));
}

/** In a sentence. */
export function describeLost(lost: readonly SeqRange[]): string {
  if (lost.length === 0) return "No event is lost.";
  const events = lost.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  const ranges = lost.map(({ from, to }) => (from === to ? `${from}` : `${from} to ${to}`)).join(", ");
  return `${events === 1 ? "One event is" : `${events} events are`} lost (seq ${ranges}).`;
}
