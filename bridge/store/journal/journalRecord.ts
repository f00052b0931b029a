/**
 * Owns one record of the journal: `crc32 json LF`, the checksum in 8 hexadecimal digits over the JSON's UTF-8 bytes. A
 * record is an event with its `seq`, or only the place at which the bus was read.
 */
import { crc32 } from "node:zlib";
import type { Event } from "../../../shared/events/event.ts";

export interface JournalRecord {
  /** The event's; without an event, that of the event before it. */
  readonly seq: number;
  readonly event?: Event;
  /** The event's JSON, as it was written. */
  readonly body?: string;
  readonly bus_cursor?: string;
  /** As it stands in the journal, without its line feed. */
  readonly line: Uint8Array;
}

/** An event of the journal, with its JSON's bytes as they stand there. */
export interface JournalEvent {
  readonly seq: number;
  readonly event: Event;
  readonly body: Uint8Array;
}

const CHECKSUM_LENGTH = 8;
/** Checksum, space, `{}`. */
const SHORTEST = CHECKSUM_LENGTH + 3;
const LINE_FEED = 0x0a;

/** Writes a record, its line feed included. `eventJson` is the event's JSON, which the caller needs for itself as well. */
export function encodeRecord(seq: number, eventJson: string | undefined, busCursor: string | undefined): string {
  const event = eventJson === undefined ? "" : `,"event":${eventJson}`;
  const cursor = busCursor === undefined ? "" : `,"bus_cursor":${JSON.stringify(busCursor)}`;
  const json = `{"seq":${seq}${event}${cursor}}`;
  return `${checksum(json)} ${json}\n`;
}

/** Reads a line without its line feed; undefined when it is not, byte for byte, what was written. */
export function decodeRecord(line: Buffer): JournalRecord | undefined {
  if (line.length < SHORTEST || line[CHECKSUM_LENGTH] !== 0x20) return undefined;
  const json = line.subarray(CHECKSUM_LENGTH + 1);
  return line.toString("latin1", 0, CHECKSUM_LENGTH) === checksum(json) ? readRecord(line) : undefined;
}

/** Lines for `readLines`: those of records, one after the other. */
export function joinLines(records: readonly JournalRecord[]): Uint8Array {
  const lines = new Uint8Array(records.reduce((sum, { line }) => sum + line.length + 1, 0));
  let end = 0;
  for (const { line } of records) {
    lines.set(line, end);
    end += line.length;
    lines[end++] = LINE_FEED;
  }
  return lines;
}

/** Reads the events of lines that are known to be what was written, one by one: all together would crowd a small heap. */
export function* readLines(bytes: Uint8Array): Generator<JournalEvent, void, undefined> {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf(LINE_FEED, start);
    const json = start + CHECKSUM_LENGTH + 1;
    const record = parseRecord(lines.toString("utf8", json, end));
    const { seq, event } = record;
    if (event !== undefined) {
      yield { seq, event, body: lines.subarray(json + headLength(seq), end - Buffer.byteLength(tail(record))) };
    }
    start = end + 1;
  }
}

function readRecord(line: Buffer): JournalRecord {
  const text = line.toString("utf8", CHECKSUM_LENGTH + 1);
  const record = parseRecord(text);
  if (record.event === undefined) return { ...record, line };
  return { ...record, body: text.slice(headLength(record.seq), -tail(record).length), line };
}

type ParsedRecord = Pick<JournalRecord, "seq" | "event" | "bus_cursor">;

/** We wrote it: it is a record. */
function parseRecord(json: string): ParsedRecord {
  return JSON.parse(json);
}

/** Of what stands before the event. */
function headLength(seq: number): number {
  return `{"seq":${seq},"event":`.length;
}

/** What stands behind the event. */
function tail({ bus_cursor }: ParsedRecord): string {
  return bus_cursor === undefined ? "}" : `,"bus_cursor":${JSON.stringify(bus_cursor)}}`;
}

function checksum(json: string | Buffer): string {
  return crc32(json).toString(16).padStart(CHECKSUM_LENGTH, "0");
}
