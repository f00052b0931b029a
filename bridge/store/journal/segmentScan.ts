/**
 * Owns reading a journal segment back: every record that is whole, and what is known of the rest. It reads in chunks and
 * lets the event loop run between them.
 */
import { createReadStream } from "node:fs";
import type { SeqRange } from "../seqRange.ts";
import { decodeRecord, type JournalRecord } from "./journalRecord.ts";

const CHUNK_BYTES = 128 * 1024;
const LINE_FEED = 0x0a;
/** What drives write whole: file systems' blocks are multiples of it. */
const BLOCK_BYTES = 512;
/**
 * Where a record begins. It stands nowhere else: in JSON as we write it no space is outside a string, and in a string no
 * quote without a backslash.
 */
const RECORD_HEAD = /[0-9a-f]{8} \{"seq":/g;

/** Bytes of the file: `end` is not included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface SegmentScan {
  /** Without the zeros at its end, which are the journal's reserve. */
  readonly bytes: number;
  /** The whole records, neighbours joined, with those line feeds that are there. */
  readonly whole: readonly ByteRange[];
  readonly events: number;
  /** The newest event's; `first - 1` without one. */
  readonly lastSeq: number;
  readonly busCursor: string | undefined;
  /** Events that should stand between whole records and do not. */
  readonly lost: readonly SeqRange[];
  /** What follows the last whole record. */
  readonly tail: Tail;
}

/**
 * - `clean`: nothing.
 * - `unended`: the last record is whole but for its line feed.
 * - `torn`: a write that a crash cut short: at most one line without an end, or blocks of zeros that the disk put there.
 * - `damaged`: complete lines that are not what was written. A cut-short write leaves none, so these were on disk and
 *   acknowledged; `lines` of them.
 */
export type Tail =
  | { readonly kind: "clean" }
  | { readonly kind: "unended" }
  | { readonly kind: "torn" }
  | { readonly kind: "damaged"; readonly lines: number };

/**
 * Reads a segment whose first event should be `first`. `take` gets the whole records, a chunk at a time, and reading
 * goes on when it resolves.
 */
export async function scanSegment(
  path: string,
  first: number,
  take: (records: readonly JournalRecord[]) => Promise<void>,
): Promise<SegmentScan> {
  const scanner = new Scanner(first);
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    const records = scanner.read(chunk);
    if (records.length > 0) await take(records);
  }
  const { records, scan } = scanner.end();
  if (records.length > 0) await take(records);
  return scan;
}

class Scanner {
  readonly #whole: { start: number; end: number }[] = [];
  readonly #lost: SeqRange[] = [];
  /** The beginning of a line whose end has not been read yet. */
  #rest: Buffer = Buffer.alloc(0);
  #position = 0;
  #events = 0;
  #lastSeq: number;
  #busCursor: string | undefined;
  /** Since the last whole record. */
  #badLines = 0;

  constructor(first: number) {
    this.#lastSeq = first - 1;
  }

  read(chunk: Buffer): JournalRecord[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const records: JournalRecord[] = [];
    const startOfChunk = this.#position;
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      const line = bytes.subarray(start, end);
      const record = this.#take(line, line.length + 1);
      if (record !== undefined) records.push(record);
      else if (!hasHole(line, this.#position, false)) records.push(...this.#takeDamaged(line));
      start = end + 1;
      this.#position = startOfChunk + start;
    }
    this.#rest = bytes.subarray(start);
    return records;
  }

  end(): { records: JournalRecord[]; scan: SegmentScan } {
    const rest = withoutZeros(this.#rest);
    const bytes = this.#position + rest.length;
    // The last line feed alone can be missing, or be the one byte that is wrong.
    const record = this.#take(rest, rest.length) ?? this.#take(rest.subarray(0, -1), rest.length - 1);
    let records = record === undefined ? [] : [record];
    const isUnended = record !== undefined;
    if (!isUnended && !hasHole(rest, this.#position, true)) {
      records = this.#takeDamaged(rest);
      // What has no end is a write that was cut short, whatever it is.
      if (this.#badLines > 0) this.#badLines--;
    }
    const scan = {
      bytes,
      whole: this.#whole,
      events: this.#events,
      lastSeq: this.#lastSeq,
      busCursor: this.#busCursor,
      lost: this.#lost,
      tail: this.#tail(isUnended, bytes),
    };
    return { records, scan };
  }

  #tail(isUnended: boolean, bytes: number): Tail {
    if (isUnended) return { kind: "unended" };
    if (this.#badLines > 0) return { kind: "damaged", lines: this.#badLines };
    return bytes > (this.#whole.at(-1)?.end ?? 0) ? { kind: "torn" } : { kind: "clean" };
  }

  /** Takes a line, of which `length` bytes stand in the file, if it is a whole record that can follow the one before it. */
  #take(line: Buffer, length: number): JournalRecord | undefined {
    const record = decodeRecord(line);
    if (record === undefined) return undefined;
    if (record.event !== undefined && record.seq <= this.#lastSeq) return undefined;
    this.#join(this.#position, this.#position + length);
    this.#badLines = 0;
    this.#busCursor = record.bus_cursor ?? this.#busCursor;
    // A record of the bus's place alone stands after the event whose seq it has.
    const expected = record.event === undefined ? record.seq : record.seq - 1;
    if (expected > this.#lastSeq) this.#lost.push({ from: this.#lastSeq + 1, to: expected });
    this.#lastSeq = Math.max(this.#lastSeq, record.seq);
    if (record.event !== undefined) this.#events++;
    return record;
  }

  /** A line feed may be the byte that is wrong: then this is several records in one line, and each is tried by itself. */
  #takeDamaged(line: Buffer): JournalRecord[] {
    const heads = [...line.toString("latin1").matchAll(RECORD_HEAD)].map(({ index }) => index);
    const starts = [...new Set([0, ...heads])];
    const records: JournalRecord[] = [];
    const begin = this.#position;
    for (const [index, start] of starts.entries()) {
      const next = starts[index + 1];
      const part = line.subarray(start, next === undefined ? line.length : next - 1);
      this.#position = begin + start;
      const record = this.#take(part, part.length);
      if (record === undefined) this.#badLines++;
      else records.push(record);
    }
    return records;
  }

  #join(start: number, end: number): void {
    const last = this.#whole.at(-1);
    if (last !== undefined && last.end === start) last.end = end;
    else this.#whole.push({ start, end });
  }
}

/** Zeros at a file's end are room that was never written to. */
function withoutZeros(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}

/**
 * Whether a line has a hole: blocks that never got to the disk, read as zeros. A write begins with a line; a single zero is
 * no hole, but a space that lost its bit.
 */
function hasHole(line: Buffer, position: number, isLast: boolean): boolean {
  for (let start = line.indexOf(0); start !== -1; ) {
    let end = start;
    while (line[end] === 0) end++;
    const beginsThere = start === 0 || (position + start) % BLOCK_BYTES === 0;
    const endsThere = (position + end) % BLOCK_BYTES === 0 || (isLast && end === line.length);
    if (beginsThere && endsThere) return true;
    start = line.indexOf(0, end);
  }
  return false;
}
