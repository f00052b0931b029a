/**
 * Owns checking a whole store: every checksum, SQLite's own check, every row against its JSON, and that every number has
 * its event or is known to be gone. It reads only, and in steps; events keep coming meanwhile.
 */
import type { StoreProgress, VerifyResult } from "../../shared/protocol/store.ts";
import { segmentAt } from "./journal/segmentName.ts";
import { scanSegment } from "./journal/segmentScan.ts";
import { paced } from "./pacing.ts";
import type { Partition, PartitionCatalogue } from "./partitionCatalogue.ts";
import type { PartitionWorker } from "./partitionWorker.ts";
import { mergeRanges, type SeqRange, uncovered } from "./seqRange.ts";
import type { MetadataFile } from "./storeMetadata.ts";
import type { RequestOf, ResponseOf } from "./worker/messages.ts";

export interface VerificationOptions {
  readonly catalogue: PartitionCatalogue;
  readonly metadata: MetadataFile;
  readonly worker: PartitionWorker;
  readonly journalDirectory: string;
  readonly lastSeq: () => number;
  readonly gaps: () => readonly SeqRange[];
  readonly thinned: () => readonly SeqRange[];
  readonly signal: AbortSignal;
}

const ROWS_A_STEP = 500;

/** What one partition came to. */
interface Checked {
  readonly events: number;
  readonly present: readonly SeqRange[];
  readonly problems: readonly string[];
}

export async function* verifyStore(options: VerificationOptions): AsyncGenerator<StoreProgress | VerifyResult> {
  const { catalogue, metadata, lastSeq, gaps, thinned, signal } = options;
  const firstSeq = metadata.current.first_seq;
  // What comes from here on is not looked for.
  const head = lastSeq();
  const partitions = [...catalogue.all];
  const present: SeqRange[] = [];
  let events = 0;
  let problems = 0;
  for (const [index, partition] of partitions.entries()) {
    signal.throwIfAborted();
    const checked = await checkPartition(partition, options);
    events += checked.events;
    present.push(...checked.present);
    for (const message of checked.problems) {
      problems += 1;
      yield { kind: "problem", what: nameOf(partition), message };
    }
    yield { kind: "progress", done: index + 1, total: partitions.length, what: "partitions" };
  }
  const missing = uncovered([{ from: firstSeq, to: head }], [...present, ...gaps(), ...thinned()]);
  for (const { from, to } of missing) {
    problems += 1;
    const message = `events ${from} to ${to} are neither there nor known to be gone`;
    yield { kind: "problem", what: "the order of events", message };
  }
  yield { kind: "verified", partitions: partitions.length, events, problems };
}

function nameOf({ first, last, isSealed }: Partition): string {
  return `the ${isSealed ? "partition" : "journal"} from ${first} to ${last}`;
}

async function checkPartition(partition: Partition, options: VerificationOptions): Promise<Checked> {
  const { catalogue, journalDirectory } = options;
  if (!partition.isSealed) {
    const scanned = await checkSegment(partition, journalDirectory);
    if (scanned !== undefined) return scanned;
  }
  // Sealed since, or written as one with its neighbours, or removed.
  const now = catalogue.all.find(({ first, last }) => first <= partition.first && last >= partition.last);
  if (now === undefined || !now.isSealed) return { events: 0, present: [], problems: [] };
  return checkSealed(now, partition, options);
}

async function checkSealed(
  { first }: Partition,
  { first: from, last: to, events: counted }: Partition,
  { catalogue, worker, signal }: VerificationOptions,
): Promise<Checked> {
  const file = await paced(() => worker.call("checkFile", { partition: first }), signal);
  // A look at the rows of a damaged one would mend it, and this is only a check.
  if (file.problems.length > 0) return { events: 0, present: [{ from, to }], problems: file.problems };
  const problems: string[] = [];
  let present: readonly SeqRange[] = [];
  let events = 0;
  let after: number | null = from - 1;
  while (after !== null && after < to) {
    signal.throwIfAborted();
    const request: RequestOf<"checkRows"> = { partition: first, after, rows: ROWS_A_STEP };
    const step: ResponseOf<"checkRows"> = await paced(() => worker.call("checkRows", request), signal);
    events += step.events;
    problems.push(...step.problems);
    present = mergeRanges([...present, ...step.present]);
    after = step.next;
  }
  const isUnchanged = catalogue.get(first)?.events === counted && first === from;
  if (isUnchanged && events !== counted) problems.push(`${events} events are in it and ${counted} should be`);
  return { events, present, problems };
}

/** Undefined when the segment has gone meanwhile. */
async function checkSegment({ first }: Partition, directory: string): Promise<Checked | undefined> {
  const present: { from: number; to: number }[] = [];
  try {
    const scan = await scanSegment(segmentAt(directory, first).path, first, async (records) => {
      for (const { seq, event } of records) {
        if (event === undefined) continue;
        const last = present.at(-1);
        if (last?.to === seq - 1) last.to = seq;
        else present.push({ from: seq, to: seq });
      }
    });
    // What is being written at this moment may look torn, and never like whole lines that are wrong.
    const { tail } = scan;
    const problems = tail.kind === "damaged" ? [`${tail.lines} lines at its end are not what was written`] : [];
    return { events: scan.events, present, problems };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
