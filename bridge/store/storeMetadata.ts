/**
 * Owns `meta.json`: which store this is, in which format, and the few facts that neither journal nor partitions can tell.
 * It ends with a checksum and has a copy beside it, since a wrong number in it would make events go that should stay.
 */
import { randomBytes } from "node:crypto";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { removeHalfWritten, replaceFile } from "./durableFile.ts";
import { mergeRanges, rangesFrom, type SeqRange } from "./seqRange.ts";

/** Raised with every change that an older Televibe would misread. 2: with a checksum, and with what retention took from between. */
export const STORE_FORMAT = 2;
/** From this format on a file without a checksum is damaged. */
const CHECKED_FORMAT = 2;

const FILE = "meta.json";
/** Written before the file itself: where that cannot be read, this says at least as much. */
const COPY = "meta.copy.json";

export interface StoreMetadata {
  readonly format: number;
  /** Random, made with the store: 16 hexadecimal digits. */
  readonly epoch: string;
  /** Nothing before it is kept any more. Durable before any file goes, so that a crash cannot un-announce a removal. */
  readonly first_seq: number;
  /** Everything up to it has left the journal for a partition. */
  readonly sealed_seq: number;
  /** Where the bus stood when `sealed_seq` was written; the journal knows it for what came after. */
  readonly bus_cursor: string | null;
  /** Events that a damaged file has lost. */
  readonly gaps: readonly SeqRange[];
  /** Whole partitions that retention has removed behind older ones that stay. Durable before they go, as the next one is. */
  readonly removed: readonly SeqRange[];
  /** Where retention has removed some events and kept others. */
  readonly thinned: readonly SeqRange[];
  /** What time retention took it to be at its last pass; null before the first. */
  readonly retention_ms: number | null;
}

/** The files were written by a newer Televibe than this one. */
export class StoreVersionError extends Error {
  readonly code = "store_version";

  constructor(directory: string, format: number) {
    super(
      `The events in ${directory} were written by a newer Televibe (store format ${format}, this one knows ${STORE_FORMAT}). ` +
        "Update Televibe, or start this one with another --data-dir.",
    );
    this.name = "StoreVersionError";
  }
}

/** `restored` from the copy; or `lost`: then nothing is known but what the other files tell, and the epoch is a new one. */
export type MetadataDamage = "restored" | "lost";

/** The file and what it says; changes are written one after the other, each whole. */
export class MetadataFile {
  /** What became of a file that was there and could not be read: it was set aside. */
  readonly damage: MetadataDamage | undefined;
  readonly #directory: string;
  #current: StoreMetadata;
  #writing: Promise<void> = Promise.resolve();

  private constructor(directory: string, current: StoreMetadata, damage?: MetadataDamage) {
    this.#directory = directory;
    this.#current = current;
    this.damage = damage;
  }

  /** @throws StoreVersionError when a newer Televibe wrote it. */
  static async open(directory: string): Promise<MetadataFile> {
    const path = join(directory, FILE);
    const text = await readIfThere(path);
    const found = text === undefined ? undefined : parseMetadata(text);
    const copied = found ?? parseMetadata((await readIfThere(join(directory, COPY))) ?? "");
    if (copied !== undefined && copied.format > STORE_FORMAT) throw new StoreVersionError(directory, copied.format);
    await removeHalfWritten(directory);
    if (found !== undefined) {
      const opened = new MetadataFile(directory, found);
      // Before anything is done that an older version would misread.
      if (found.format < STORE_FORMAT) await opened.update(() => ({}));
      return opened;
    }
    if (text !== undefined) await rename(path, `${path}.damaged`);
    const damage = text === undefined ? undefined : copied === undefined ? "lost" : "restored";
    const renewed = new MetadataFile(directory, copied ?? newMetadata(), damage);
    await renewed.update(() => ({}));
    return renewed;
  }

  get current(): StoreMetadata {
    return this.#current;
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  /** Resolves when the change is on disk. `change` sees what the changes before it have left. */
  update(change: (current: StoreMetadata) => Partial<StoreMetadata>): Promise<void> {
    const write = this.#writing.then(async () => {
      const next = { ...this.#current, ...change(this.#current), format: STORE_FORMAT };
      const text = encodeMetadata(next);
      for (const name of [COPY, FILE]) await replaceFile(this.#directory, join(this.#directory, name), text);
      this.#current = next;
    });
    // One failed write must not fail the next one: whoever asked for it is told.
    this.#writing = write.catch(() => undefined);
    return write;
  }
}

/** The change that adds lost events. */
export function withGaps(lost: readonly SeqRange[]): (current: StoreMetadata) => Partial<StoreMetadata> {
  return ({ gaps, first_seq }) => ({ gaps: rangesFrom(mergeRanges([...gaps, ...lost]), first_seq) });
}

/** The change that says that retention removes all events of a range, or some. To be durable before it does. */
export function withRemoved(kind: "removed" | "thinned", range: SeqRange) {
  return (current: StoreMetadata): Partial<StoreMetadata> => ({
    [kind]: rangesFrom(mergeRanges([...current[kind], range]), current.first_seq),
  });
}

/** The change that says that nothing before `first_seq` is kept any more. */
export function withFirstSeq(first_seq: number): (current: StoreMetadata) => Partial<StoreMetadata> {
  return ({ gaps, removed, thinned }) => ({
    first_seq,
    gaps: rangesFrom(gaps, first_seq),
    removed: rangesFrom(removed, first_seq),
    thinned: rangesFrom(thinned, first_seq),
  });
}

function newMetadata(): StoreMetadata {
  const epoch = randomBytes(8).toString("hex");
  return {
    format: STORE_FORMAT,
    epoch,
    first_seq: 1,
    sealed_seq: 0,
    bus_cursor: null,
    gaps: [],
    removed: [],
    thinned: [],
    retention_ms: null,
  };
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

/** JSON that any version can read; its last field is the checksum of the JSON without it. */
function encodeMetadata(metadata: StoreMetadata): string {
  return `${JSON.stringify({ ...metadata, crc: checksum(metadata) }, null, 2)}\n`;
}

function checksum(value: object): string {
  return crc32(JSON.stringify(value)).toString(16).padStart(8, "0");
}

/** Undefined when it is not what was written. */
function parseMetadata(text: string): StoreMetadata | undefined {
  let value: (Partial<StoreMetadata> & { crc?: unknown }) | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { crc, ...content } = value;
  const { format, epoch, first_seq = 1, sealed_seq = 0, bus_cursor = null, gaps = [] } = content;
  if (typeof format !== "number" || format < 1) return undefined;
  if (crc === undefined ? format >= CHECKED_FORMAT && format <= STORE_FORMAT : crc !== checksum(content)) {
    return undefined;
  }
  const { removed = [], thinned = [], retention_ms = null } = content;
  // Of a newer format only the number is sure.
  if (format > STORE_FORMAT) return { ...newMetadata(), format };
  if (typeof epoch !== "string" || !/^[0-9a-f]{8,32}$/.test(epoch) || !Array.isArray(gaps)) return undefined;
  if (!Array.isArray(removed) || !Array.isArray(thinned)) return undefined;
  if (!Number.isSafeInteger(first_seq) || !Number.isSafeInteger(sealed_seq)) return undefined;
  return { format, epoch, first_seq, sealed_seq, bus_cursor, gaps, removed, thinned, retention_ms };
}
