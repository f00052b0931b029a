/**
 * Owns making a store from an export: in a folder beside it, which takes its place once all of it was read, found whole and
 * is on disk. Whatever goes wrong leaves what was there before.
 */
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Logger } from "../diagnostics/logger.ts";
import { PARTITION_LIMITS } from "./committedEvents.ts";
import { DIRECTORY_MODE, syncDirectory } from "./durableFile.ts";
import {
  ExportDigest,
  ExportError,
  type ExportedState,
  type ExportHeader,
  type ExportTrailer,
  readHeader,
  readLine,
} from "./exportFormat.ts";
import { encodeRecord } from "./journal/journalRecord.ts";
import { PartitionWorker } from "./partitionWorker.ts";
import { uncovered } from "./seqRange.ts";
import { MetadataFile } from "./storeMetadata.ts";

/** Events that go to the worker at a time; it is waited for, so that no more than that is in memory. */
const BATCH_EVENTS = 500;
const BATCH_CHARACTERS = 2 * 1024 * 1024;

/** No event is longer. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
const LINE_FEED = 0x0a;

export interface ImportOptions {
  /** The store's; absent, or a store that never had an event. */
  readonly directory: string;
  readonly workerFile: string;
  readonly wasmFile: string;
  readonly log: Logger;
  readonly nowMs: () => number;
  /** Of a partition. */
  readonly limits?: { readonly maxEvents: number; readonly maxBytes: number };
  readonly onProgress?: (events: number, header: ExportHeader) => void;
}

export interface Imported {
  readonly epoch: string;
  /** To be kept where the store's reader keeps it. */
  readonly state: ExportedState;
  readonly events: number;
  readonly lastSeq: number;
}

/** There is a store already, and it would be lost. */
export class StoreNotEmptyError extends Error {
  readonly code = "store_not_empty";

  constructor(directory: string) {
    super(
      `There are events in ${directory} already, and an import does not mix two stores. Import with another --data-dir, or move that folder away first.`,
    );
    this.name = "StoreNotEmptyError";
  }
}

/**
 * @throws ExportError when what is read is no whole export; StoreNotEmptyError when there is a store; what the file system says.
 */
export async function importStore(input: AsyncIterable<Uint8Array>, options: ImportOptions): Promise<Imported> {
  const { directory } = options;
  if (!(await isEmptyStore(directory))) throw new StoreNotEmptyError(directory);
  const parent = dirname(directory);
  const making = join(parent, `${basename(directory)}.importing`);
  await mkdir(parent, { recursive: true, mode: DIRECTORY_MODE });
  await rm(making, { recursive: true, force: true });
  try {
    await mkdir(making, { mode: DIRECTORY_MODE });
    const imported = await new StoreWriter(making, options).write(input);
    await replaceEmpty(directory, making);
    return imported;
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    throw error;
  }
}

async function replaceEmpty(directory: string, making: string): Promise<void> {
  const empty = `${making}.empty`;
  const isThere = (await statOf(directory)) !== undefined;
  await rm(empty, { recursive: true, force: true });
  if (isThere) await rename(directory, empty);
  await rename(making, directory);
  await syncDirectory(dirname(directory));
  await rm(empty, { recursive: true, force: true });
}

/** Whether nothing was ever stored there. A bridge that only ran leaves its metadata and an empty journal. */
async function isEmptyStore(directory: string): Promise<boolean> {
  const names = await readdir(directory).catch(unlessMissing);
  if (names === undefined) return true;
  if (names.some((name) => !["meta.json", "meta.copy.json", "journal", "partitions"].includes(name))) return false;
  for (const folder of ["journal", "partitions"]) {
    for (const name of (await readdir(join(directory, folder)).catch(unlessMissing)) ?? []) {
      if (((await statOf(join(directory, folder, name)))?.size ?? 0) > 0) return false;
    }
  }
  if (!names.includes("meta.json")) return true;
  const { first_seq, sealed_seq, gaps } = (await MetadataFile.open(directory)).current;
  return first_seq === 1 && sealed_seq === 0 && gaps.length === 0;
}

class StoreWriter {
  readonly #directory: string;
  readonly #options: ImportOptions;
  readonly #worker: PartitionWorker;
  readonly #limits: { readonly maxEvents: number; readonly maxBytes: number };
  #lines: string[] = [];
  #lineCharacters = 0;
  /** Of the partition that is being filled. */
  #first = 1;
  #events = 0;
  #characters = 0;
  #total = 0;

  constructor(directory: string, options: ImportOptions) {
    this.#directory = directory;
    this.#options = options;
    this.#limits = options.limits ?? PARTITION_LIMITS;
    this.#worker = new PartitionWorker({
      workerFile: options.workerFile,
      wasmFile: options.wasmFile,
      directory: join(directory, "partitions"),
      log: options.log,
      nowMs: options.nowMs,
      firstSeq: () => 1,
      reload: () => Promise.resolve(),
      onDamaged: () => undefined,
      onFailed: () => undefined,
    });
  }

  async write(input: AsyncIterable<Uint8Array>): Promise<Imported> {
    try {
      await this.#worker.start([]);
      const { header, trailer, collections } = await this.#readAll(input);
      if (trailer.events !== this.#total) {
        throw new ExportError(`its end counts ${trailer.events} events, and there are ${this.#total}`);
      }
      const { epoch, first_seq, last_seq, bus_cursor, gaps, thinned } = header;
      const metadata = await MetadataFile.open(this.#directory);
      // Which of them are gone wholly an export does not say, and readers are told the same.
      await metadata.update(() => ({ epoch, first_seq, sealed_seq: last_seq, bus_cursor, gaps, removed: thinned }));
      await syncDirectory(this.#directory);
      const state = { format: header.state_format, seq: header.state_seq, collections };
      return { epoch, state, events: this.#total, lastSeq: last_seq };
    } finally {
      await this.#worker.stop();
    }
  }

  async #readAll(input: AsyncIterable<Uint8Array>): Promise<ReadExport> {
    const collections = new Map<string, unknown[]>();
    const digest = new ExportDigest();
    let header: ExportHeader | undefined;
    let trailer: ExportTrailer | undefined;
    let seq = 0;
    let number = 0;
    for await (const line of lines(input)) {
      number += 1;
      if (trailer !== undefined) throw new ExportError(`line ${number} stands behind its end`);
      const text = line.toString("utf8");
      if (header === undefined) {
        header = readHeader(text);
        this.#first = header.first_seq;
        seq = header.first_seq - 1;
      } else {
        const read = readLine(text, number);
        if ("trailer" in read) {
          trailer = read.trailer;
          if (trailer.sha256 !== digest.hex()) throw new ExportError("its checksum is another one: it was altered");
          continue;
        }
        if ("state" in read) {
          if (this.#total > 0) throw new ExportError(`line ${number} stands behind the events`);
          const { televibe_state: name, entity } = read.state;
          const list = collections.get(name);
          if (list === undefined) collections.set(name, [entity]);
          else list.push(entity);
        } else {
          assertFollows(read.seq, seq, header);
          seq = read.seq;
          await this.#take(read.seq, read.event);
          if (this.#total % 10_000 === 0) this.#options.onProgress?.(this.#total, header);
        }
      }
      digest.add(line);
      digest.add("\n");
    }
    if (header === undefined) throw new ExportError("it is empty");
    if (trailer === undefined) throw new ExportError("it was cut off before its end");
    assertFollows(header.last_seq + 1, seq, { ...header, last_seq: header.last_seq + 1 });
    await this.#seal(header.last_seq);
    if (header.state_seq > header.last_seq) throw new ExportError("its state lies behind its last event");
    return { header, trailer, collections: Object.fromEntries(collections) };
  }

  async #take(seq: number, value: unknown): Promise<void> {
    const body = JSON.stringify(value);
    this.#lines.push(encodeRecord(seq, body, undefined));
    this.#lineCharacters += body.length;
    this.#total += 1;
    this.#events += 1;
    this.#characters += body.length;
    if (this.#events >= this.#limits.maxEvents || this.#characters >= this.#limits.maxBytes) await this.#seal(seq);
    else if (this.#lines.length >= BATCH_EVENTS || this.#lineCharacters >= BATCH_CHARACTERS) await this.#flush();
  }

  async #flush(): Promise<void> {
    const lines = new TextEncoder().encode(this.#lines.join(""));
    this.#lines = [];
    this.#lineCharacters = 0;
    if (lines.length > 0) await this.#worker.call("append", { partition: this.#first, lines });
  }

  async #seal(last: number): Promise<void> {
    await this.#flush();
    if (this.#events > 0) {
      const sealedAtMs = this.#options.nowMs();
      await this.#worker.call("seal", { partition: this.#first, last, events: this.#events, sealedAtMs });
    }
    this.#first = last + 1;
    this.#events = 0;
    this.#characters = 0;
  }
}

interface ReadExport {
  readonly header: ExportHeader;
  readonly trailer: ExportTrailer;
  readonly collections: ExportedState["collections"];
}

/** Every number has its event or is known to be gone. */
function assertFollows(seq: number, previous: number, { last_seq, gaps, thinned }: ExportHeader): void {
  if (seq <= previous) throw new ExportError(`event ${seq} stands behind event ${previous}`);
  if (seq > last_seq) throw new ExportError(`event ${seq} lies behind its last one, ${last_seq}`);
  if (seq === previous + 1) return;
  const [missing] = uncovered([{ from: previous + 1, to: seq - 1 }], [...gaps, ...thinned]);
  if (missing !== undefined) throw new ExportError(`events ${missing.from} to ${missing.to} are missing`);
}

/** Lines without their line feed. @throws ExportError for one that is too long, or has no end. */
async function* lines(input: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      const piece = bytes.subarray(start, end);
      yield rest.length === 0 ? piece : Buffer.concat([...rest, piece]);
      rest = [];
      restBytes = 0;
      start = end + 1;
    }
    if (start === bytes.length) continue;
    rest.push(Buffer.from(bytes.subarray(start)));
    restBytes += bytes.length - start;
    if (restBytes > MAX_LINE_BYTES) throw new ExportError("a line in it is longer than any event");
  }
  if (restBytes > 0) throw new ExportError("it was cut off in the middle of a line");
}

async function statOf(path: string) {
  return stat(path).catch(unlessMissing);
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
