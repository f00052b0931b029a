/**
 * Owns reading a store's files with nothing of the store's own code: the journal by its description (`crc32 json LF`),
 * the partitions with Debian's `sqlite3`. It repairs nothing and forgives nothing but a torn tail.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface DiskEvent {
  readonly seq: number;
  readonly eventId: string;
  /** As it stands in the file, parsed. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The file it stands in. */
  readonly file: string;
}

export interface DiskContent {
  /** Nothing before it is kept any more. */
  readonly firstSeq: number;
  /** From where in between retention has taken events: all of them, or some. */
  readonly thinned: readonly { readonly from: number; readonly to: number }[];
  readonly epoch: string;
  /** Every copy of every event, files ascending. */
  readonly events: readonly DiskEvent[];
  /** What the kill left behind, for the account of what was hit. */
  readonly traces: readonly string[];
  /** What must not be there, in sentences. */
  readonly faults: readonly string[];
}

/** Most of a kill's traces are told by names. */
const TEMPORARY = /\.tmp$/;
const SEGMENT = /^(\d{16})\.journal$/;
const PARTITION = /^(\d{16})-(\d{16})\.sqlite$/;
const MAX_OUTPUT_BYTES = 1024 * 1024 * 1024;

/** Reads the store in `directory`; nobody may be writing to it. */
export function readDisk(directory: string): DiskContent {
  const faults: string[] = [];
  const traces: string[] = [];
  const names = (folder: string) => (existsSync(join(directory, folder)) ? readdirSync(join(directory, folder)) : []);
  for (const folder of ["", "journal", "partitions"]) {
    for (const name of names(folder)) {
      if (TEMPORARY.test(name)) traces.push(name.replace(/[\da-f-]{16,}/, "*"));
      if (name.includes(".damaged")) faults.push(`${name} was set aside, although nothing was damaged`);
    }
  }
  const metaFile = join(directory, "meta.json");
  const meta: Record<string, unknown> = existsSync(metaFile) ? JSON.parse(readFileSync(metaFile, "utf8")) : {};
  if (Array.isArray(meta["gaps"]) && meta["gaps"].length > 0) {
    faults.push(`meta.json says that events are lost: ${JSON.stringify(meta["gaps"])}`);
  }

  const partitions = names("partitions").filter((name) => PARTITION.test(name));
  const segments = names("journal").filter((name) => SEGMENT.test(name));
  if (segments.some((segment) => partitions.some((name) => name.slice(0, 16) === segment.slice(0, 16)))) {
    traces.push("sealed, its segment not yet removed");
  }
  const firstSeq = Number(meta["first_seq"] ?? 1);
  const events = readPartitions(join(directory, "partitions"), partitions.sort(), faults);
  for (const [index, name] of segments.sort().entries()) {
    const isLast = index === segments.length - 1;
    events.push(...readSegment(join(directory, "journal"), name, isLast, traces, faults));
  }
  const ranges = [meta["removed"], meta["thinned"]].flatMap((found) => (Array.isArray(found) ? found : []));
  const thinned = ranges.map(({ from, to }) => ({ from: Number(from), to: Number(to) }));
  return { firstSeq, thinned, epoch: String(meta["epoch"] ?? ""), events, traces, faults };
}

function readSegment(
  directory: string,
  name: string,
  isLast: boolean,
  traces: string[],
  faults: string[],
): readonly DiskEvent[] {
  const bytes = readFileSync(join(directory, name));
  if (bytes.length === 0) traces.push("an empty segment");
  const events: DiskEvent[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf("\n", start);
    const json = end === -1 ? undefined : checkedJson(bytes.subarray(start, end));
    if (json === undefined) {
      if (isLast && end === -1) traces.push("a torn tail");
      else faults.push(`${name} has a line at byte ${start} that is not what was written`);
    } else {
      const { seq, event } = JSON.parse(json);
      if (event !== undefined) events.push({ seq, eventId: event.event_id, body: event, file: name });
    }
    if (end === -1) break;
    start = end + 1;
  }
  return events;
}

/** The JSON of a line whose checksum holds. */
function checkedJson(line: Buffer): string | undefined {
  const json = line.subarray(9);
  return line.toString("latin1", 0, 9) === `${crc32(json).toString(16).padStart(8, "0")} `
    ? json.toString()
    : undefined;
}

/** One `sqlite3` for all files: a process each would take most of the time. */
function readPartitions(directory: string, names: readonly string[], faults: string[]): DiskEvent[] {
  if (names.length === 0) return [];
  const script = names
    .map((name) => `.open --readonly ${join(directory, name)}\n.print "=${name}"\nPRAGMA integrity_check;\n${ROWS}`)
    .join("\n");
  const output = execFileSync("sqlite3", ["-batch", "-bail", "-noheader", "-list"], {
    input: script,
    encoding: "utf8",
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  const events: DiskEvent[] = [];
  let file = "";
  for (const line of output.split("\n")) {
    if (line.startsWith("=")) file = line.slice(1);
    else if (line.startsWith("{")) {
      const { seq, event_id: eventId, body } = JSON.parse(line);
      events.push({ seq, eventId, body: JSON.parse(body), file });
    } else if (line !== "ok" && line !== "") faults.push(`sqlite3 says of ${file}: ${line}`);
  }
  return events;
}

const ROWS = "SELECT json_object('seq', seq, 'event_id', event_id, 'body', body) FROM events ORDER BY seq;";

/** CRC-32 as in zlib, from its definition: the reversed polynomial 0xedb88320, bit by bit into a table. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
