/**
 * Owns the proof that a flipped bit is never served as truth: bit for bit, in every file of a store, with the store's own
 * readers but without its thread, so that a hundred thousand flips can be tried.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import initSqlJs from "sql.js";
import type { JournalRecord } from "../../../bridge/store/journal/journalRecord.ts";
import { planRepair } from "../../../bridge/store/journal/segmentRepair.ts";
import { scanSegment } from "../../../bridge/store/journal/segmentScan.ts";
import { MetadataFile } from "../../../bridge/store/storeMetadata.ts";
import type { RowQuery, SeqSpan } from "../../../bridge/store/worker/messages.ts";
import { OpenPartitions } from "../../../bridge/store/worker/openPartitions.ts";
import { PartitionFiles } from "../../../bridge/store/worker/partitionFiles.ts";
import { eventNumber } from "../../bridge/store/eventNumber.ts";
import type { SeededRandom } from "./seededRandom.ts";
import type { Violation } from "./streamHistory.ts";

export interface FlipFigures {
  readonly file: string;
  readonly bytes: number;
  readonly flips: number;
  /** Flips that were noticed; the others changed nothing that is read. */
  readonly noticed: number;
  /** Flips that cost no event. */
  readonly harmless: number;
  readonly violations: readonly Violation[];
}

/** Which bits are flipped: each place is a byte and the bits in it. */
export type FlipPlan = Iterable<{ readonly byte: number; readonly bit: number }>;

/** One bit of every byte, `bits` of them (1 to 8), chosen by chance. */
export function* everyByte(bytes: number, bits: number, random: SeededRandom): FlipPlan {
  for (let byte = 0; byte < bytes; byte++) {
    const first = random.integer(0, 7);
    for (let next = 0; next < bits; next++) yield { byte, bit: (first + next) % 8 };
  }
}

export function* sampledBits(bytes: number, count: number, random: SeededRandom): FlipPlan {
  for (let flip = 0; flip < count; flip++) yield { byte: random.integer(0, bytes - 1), bit: random.integer(0, 7) };
}

function flipped(bytes: Buffer, byte: number, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[byte] = (copy[byte] ?? 0) ^ (1 << bit);
  return copy;
}

/** Queries that between them use every index: what they answer must be true, or missing and said to be. */
const QUERIES: readonly Partial<RowQuery>[] = [
  {},
  { order: "desc" },
  { filter: { job: ["job-3", "job-4"] } },
  { filter: { project: ["televibe"], session: ["main"] } },
  { filter: { type: ["job.*"] } },
  { filter: { sinceMs: 0 } },
  { filter: { search: "televibe" } },
  { after: 2, before: 6 },
];

/** The only partition of a stopped store, or its sidecar: each flip in a copy of its own. */
export async function flipPartition(
  store: string,
  extension: ".sqlite" | ".bloom",
  scratch: string,
  plan: (bytes: number) => FlipPlan,
): Promise<FlipFigures> {
  const sql = await initSqlJs();
  const source = join(store, "partitions");
  const name = readdirSync(source).find((each) => each.endsWith(extension)) ?? "";
  const [first = 0, last = 0] = (/^(\d+)-(\d+)/.exec(name) ?? []).slice(1).map(Number);
  const original = readFileSync(join(source, name));
  const directory = join(scratch, "partitions");
  const read = () => {
    const lost: SeqSpan[] = [];
    let isNoticed = false;
    const files = new PartitionFiles(sql, directory, (damage) => {
      isNoticed = true;
      lost.push(...damage.lost);
    });
    const listed = files.list({ firstSeq: 1, inJournal: [] });
    isNoticed ||= !files.isIntact(first);
    const partitions = new OpenPartitions(sql, files, 4);
    const answers = QUERIES.map((query) => {
      const whole: RowQuery = { filter: {}, after: 0, before: last + 1, limit: last, order: "asc", ...query };
      return partitions.query({ partition: first, query: whole });
    });
    const eventIds = Array.from({ length: last - first + 1 }, (_, index) => eventNumber(first + index).event_id);
    const found = partitions.find({ partition: first, eventIds });
    partitions.close(first);
    return { listed, answers, found, lost, isNoticed };
  };
  const restore = () => {
    rmSync(directory, { recursive: true, force: true });
    cpSync(source, directory, { recursive: true });
  };

  restore();
  const truth = read();
  const violations: Violation[] = [];
  const note = (at: string, message: string) => void violations.push({ rule: "flip", message: `${at}: ${message}` });
  let [flips, noticed, harmless] = [0, 0, 0];
  for (const { byte, bit } of plan(original.length)) {
    const at = `${name}, bit ${bit} of byte ${byte}`;
    writeFileSync(join(directory, name), flipped(original, byte, bit));
    flips++;
    try {
      const seen = read();
      const isLost = (seq: number) => seen.lost.some(({ from, to }) => from <= seq && seq <= to);
      for (const [index, answer] of seen.answers.entries()) {
        if (!isTrue(answer, truth.answers[index] ?? [], ([seq]) => isLost(seq)))
          note(at, `query ${index} answers wrongly`);
      }
      if (!isTrue(seen.found, truth.found, ({ seq }) => isLost(seq))) note(at, "ids are found wrongly");
      const isMended = extension === ".bloom" && isDeepStrictEqual(withoutTime(seen.listed), withoutTime(truth.listed));
      if (!seen.isNoticed && !isMended) note(at, "nobody noticed");
      if (seen.isNoticed || isMended) noticed++;
      if (seen.lost.length === 0) harmless++;
      // A mended file, or one that was set aside, is not what the next flip begins with.
      if (seen.isNoticed || extension === ".bloom") restore();
    } catch (error) {
      note(at, `it threw: ${error instanceof Error ? error.message : String(error)}`);
      restore();
    }
  }
  return { file: name, bytes: original.length, flips, noticed, harmless, violations };
}

/** Whether what was answered is the truth, in its order, without none but what is reported as lost. */
function isTrue<T>(answered: readonly T[], truth: readonly T[], isLost: (row: T) => boolean): boolean {
  let next = 0;
  for (const row of truth) {
    if (isDeepStrictEqual(answered[next], row)) next++;
    else if (!isLost(row)) return false;
  }
  return next === answered.length;
}

/** When it was sealed is told by its file's time, where the sidecar cannot. */
function withoutTime(listed: readonly { sealedAtMs: number }[]): readonly object[] {
  return listed.map((each) => ({ ...each, sealedAtMs: 0 }));
}

/** A segment of the journal: each record comes back as it was written, or its `seq` is reported as lost. */
export async function flipJournal(
  segment: string,
  first: number,
  scratch: string,
  plan: (bytes: number) => FlipPlan,
): Promise<FlipFigures> {
  const original = readFileSync(segment);
  mkdirSync(scratch, { recursive: true });
  const file = join(scratch, "flipped.journal");
  const scan = async (bytes: Buffer) => {
    writeFileSync(file, bytes);
    const records = new Map<number, JournalRecord>();
    const result = await scanSegment(file, first, async (some) => {
      for (const record of some) records.set(record.seq, record);
    });
    return { records, result };
  };
  const truth = (await scan(original)).records;
  const violations: Violation[] = [];
  let [flips, noticed, harmless] = [0, 0, 0];
  for (const { byte, bit } of plan(original.length)) {
    const note = (message: string) => {
      violations.push({ rule: "flip", message: `journal, bit ${bit} of byte ${byte}: ${message}` });
    };
    flips++;
    const { records, result } = await scan(flipped(original, byte, bit));
    const { lost, tail, lastSeq } = result;
    const lostTail = tail.kind === "damaged" ? tail.lines : 0;
    const isLost = (seq: number) =>
      lost.some(({ from, to }) => from <= seq && seq <= to) || (seq > lastSeq && seq <= lastSeq + lostTail);
    for (const [seq, record] of truth) {
      const found = records.get(seq);
      if (found === undefined ? !isLost(seq) : !isDeepStrictEqual(found, record))
        note(`${seq} is not what was written`);
    }
    if ([...records.keys()].some((seq) => !truth.has(seq))) note("a record that nobody wrote");
    const { setAside, rewrite } = planRepair(result, true);
    if (!setAside && !rewrite) note("nobody noticed");
    else noticed++;
    if (records.size === truth.size) harmless++;
  }
  return { file: "journal", bytes: original.length, flips, noticed, harmless, violations };
}

/** `meta.json`: what is read of it is what was written, or it is known to be damaged. */
export async function flipMetadata(
  store: string,
  scratch: string,
  plan: (bytes: number) => FlipPlan,
): Promise<FlipFigures> {
  const original = readFileSync(join(store, "meta.json"));
  const truth = (await MetadataFile.open(store)).current;
  const violations: Violation[] = [];
  let [flips, noticed, harmless] = [0, 0, 0];
  for (const { byte, bit } of plan(original.length)) {
    rmSync(scratch, { recursive: true, force: true });
    mkdirSync(scratch, { recursive: true });
    writeFileSync(join(scratch, "meta.json"), flipped(original, byte, bit));
    // Every second time its copy is there as well.
    const hasCopy = flips++ % 2 === 1;
    if (hasCopy) cpSync(join(store, "meta.copy.json"), join(scratch, "meta.copy.json"));
    try {
      const { current, damage } = await MetadataFile.open(scratch);
      const isTrue = isDeepStrictEqual(current, truth);
      if (damage !== undefined) noticed++;
      if (isTrue) harmless++;
      // Without a copy it is a new store that it describes, and says so by another epoch.
      if (damage === "lost" && !hasCopy ? current.epoch !== truth.epoch : isTrue) continue;
      const message = `meta.json, bit ${bit} of byte ${byte}: ${difference(truth, current)}`;
      violations.push({ rule: "flip", message });
    } catch (error) {
      violations.push({ rule: "flip", message: `meta.json, bit ${bit} of byte ${byte}: ${String(error)}` });
    }
  }
  return { file: "meta.json", bytes: original.length, flips, noticed, harmless, violations };
}

function difference(truth: object, current: object): string {
  const read = new Map<string, unknown>(Object.entries(current));
  return Object.entries(truth)
    .filter(([field, value]) => !isDeepStrictEqual(read.get(field), value))
    .map(([field, value]) => `${field} was ${JSON.stringify(value)} and is read as ${JSON.stringify(read.get(field))}`)
    .join(", ");
}
