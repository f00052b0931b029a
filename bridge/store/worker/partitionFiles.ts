/** Owns the sealed partitions' files: their names, their sidecars, how one is written, checked, set aside and removed. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { SqlJsStatic } from "sql.js";
import { BloomFilter } from "../bloomFilter.ts";
import { DIRECTORY_MODE } from "../durableFile.ts";
import type { GrowingPartition } from "./growingPartition.ts";
import type { RequestOf, SealedPartition, SeqSpan } from "./messages.ts";
import { PagedFile, pageChecksums } from "./pagedFile.ts";
import { PartitionDatabase } from "./partitionDatabase.ts";
import { salvage } from "./salvage.ts";
import { decodeSidecar, encodeSidecar, type Sidecar } from "./sidecar.ts";
import { replaceFileSync, syncDirectorySync } from "./syncFile.ts";

const NAME = /^(\d{16})-(\d{16})\.sqlite$/;
const SEQ_DIGITS = 16;

/** A sealed partition with its file. What the main thread knows of it is not kept twice. */
interface PartitionFile {
  readonly path: string;
  readonly pages: Uint32Array;
  readonly span: CountedSpan;
}

/** Told when a file was damaged, after what is whole in it was written anew. */
export type OnDamaged = (damaged: { sealed: SealedPartition; keptAs: string; lost: readonly SeqSpan[] }) => void;

export class PartitionFiles {
  readonly #sql: SqlJsStatic;
  readonly #directory: string;
  readonly #onDamaged: OnDamaged;
  readonly #files = new Map<number, PartitionFile>();

  constructor(sql: SqlJsStatic, directory: string, onDamaged: OnDamaged) {
    this.#sql = sql;
    this.#directory = directory;
    this.#onDamaged = onDamaged;
  }

  /** Finds what is there, ascending. What a crash left half written or half removed goes. */
  list({ firstSeq, inJournal }: RequestOf<"open">): SealedPartition[] {
    mkdirSync(this.#directory, { recursive: true, mode: DIRECTORY_MODE });
    this.#files.clear();
    removeMerged(this.#directory);
    const found: SealedPartition[] = [];
    for (const name of readdirSync(this.#directory).sort()) {
      const path = join(this.#directory, name);
      const [, first, last] = NAME.exec(name) ?? [];
      if (name.endsWith(".tmp")) rmSync(path);
      else if (name.endsWith(".bloom") && !existsSync(partitionPath(path))) rmSync(path);
      else if (first !== undefined && Number(last) < firstSeq) removeFiles(path);
      else if (first !== undefined) {
        const sealed = this.#load(path, Number(first), Number(last), inJournal.includes(Number(first)));
        if (sealed !== undefined) found.push(sealed);
      }
    }
    return found;
  }

  /** Writes a database as the sealed partition `first` to `last`. */
  write(database: GrowingPartition, first: number, last: number, sealedAtMs: number): SealedPartition {
    const path = this.#path(first, last);
    const pieces = database.bytes();
    replaceFileSync(path, pieces);
    return this.#describe(path, pieces, database, { first, last, sealedAtMs });
  }

  /**
   * Writes a database in the place of partitions whose events it has taken over. A crash leaves what was there before, or
   * what is new, whole: a file that lacks its sidecar is read through, and one that another holds wholly in its range goes.
   */
  replace(replaced: readonly number[], database: GrowingPartition, { first, last, sealedAtMs }: Span): SealedPartition {
    const files = replaced.flatMap((partition) => this.#files.get(partition) ?? []);
    // A thread that died may have done more than the main thread was told.
    if (files.some(({ span }) => span.first < first || span.last > last)) {
      throw new Error(`The partition ${first} is not the one any more that was to be written anew`);
    }
    const old = files.map(({ path }) => path);
    const path = this.#path(first, last);
    if (old.includes(path)) {
      // It describes the old bytes, and would make the new ones look damaged.
      rmSync(sidecarPath(path), { force: true });
      syncDirectorySync(this.#directory);
    }
    const sealed = this.write(database, first, last, sealedAtMs);
    for (const partition of replaced) if (partition !== first) this.#files.delete(partition);
    for (const other of old) if (other !== path) removeFiles(other);
    syncDirectorySync(this.#directory);
    return sealed;
  }

  /** Opens a partition for reading; undefined when there is none. */
  open(first: number): PartitionDatabase | undefined {
    const file = this.#files.get(first);
    if (file === undefined) return undefined;
    const pages = new PagedFile(file.path, file.pages);
    try {
      return PartitionDatabase.open(this.#sql, pages);
    } catch (error) {
      pages[Symbol.dispose]();
      throw error;
    }
  }

  /** Sets a damaged partition aside and puts one in its place that holds what is whole. */
  rescue(first: number): void {
    const file = this.#files.get(first);
    if (file !== undefined) this.#rescue(file.path, readFileSync(file.path), file.span);
  }

  /** Whether the file is there and is, page by page, what was written. */
  isIntact(first: number): boolean {
    const file = this.#files.get(first);
    if (file === undefined) return false;
    using pages = new PagedFile(file.path, file.pages);
    return pages.isIntact();
  }

  /** A partition's sidecar, read anew; undefined when it is missing, or is not what was written for this file. */
  sidecar(first: number): Sidecar | undefined {
    const file = this.#files.get(first);
    const sidecar = file === undefined ? undefined : readSidecar(file.path);
    return sidecar?.events === file?.span.events ? sidecar : undefined;
  }

  /** The partition that has the events of one that was written as one with it: somebody may still know them apart. */
  mergedInto(first: number): number | undefined {
    for (const { span } of this.#files.values()) if (span.first < first && span.last >= first) return span.first;
    return undefined;
  }

  /** Keeps the file under another name; the partition is no longer known. */
  setAside(first: number): void {
    const file = this.#files.get(first);
    if (file === undefined) return;
    this.#files.delete(first);
    moveAside(file.path);
  }

  remove(first: number): void {
    const file = this.#files.get(first);
    if (file === undefined) return;
    this.#files.delete(first);
    removeFiles(file.path);
    syncDirectorySync(this.#directory);
  }

  #path(first: number, last: number): string {
    return join(this.#directory, `${digits(first)}-${digits(last)}.sqlite`);
  }

  /** Undefined when the journal is the better source and this went aside. */
  #load(path: string, first: number, last: number, isInJournal: boolean): SealedPartition | undefined {
    const sidecar = readSidecar(path);
    const { size, mtimeMs } = statSync(path);
    if (sidecar?.bytes === size) {
      const { pages, ...facts } = sidecar;
      this.#files.set(first, {
        path,
        pages,
        span: { first, last, sealedAtMs: facts.sealedAtMs, events: facts.events },
      });
      return { first, last, ...facts };
    }
    const span: CountedSpan = {
      ...{ first, last, sealedAtMs: sidecar?.sealedAtMs ?? Math.floor(mtimeMs) },
      ...(sidecar === undefined ? {} : { events: sidecar.events }),
    };
    const bytes = readFileSync(path);
    const intact = sidecar === undefined ? this.#remake(path, bytes, span) : undefined;
    if (intact !== undefined) return intact;
    if (!isInJournal) return this.#rescue(path, bytes, span);
    moveAside(path);
    return undefined;
  }

  /** Writes the sidecar anew, and the partition too where its layout is an older one; undefined when that is damaged. */
  #remake(path: string, bytes: Buffer, span: Span): SealedPartition | undefined {
    const { database, isIntact, isOlder } = salvage(this.#sql, bytes, span.first, span.last);
    try {
      if (!isIntact) return undefined;
      if (isOlder) return this.write(database, span.first, span.last, span.sealedAtMs);
      return this.#describe(path, [bytes], database, span);
    } finally {
      database.close();
    }
  }

  /** Sets a damaged file aside and puts one in its place that holds what is whole. */
  #rescue(path: string, bytes: Buffer, { first, last, sealedAtMs, events }: CountedSpan): SealedPartition {
    const { database, lost: missing } = salvage(this.#sql, bytes, first, last);
    try {
      // Numbers that retention has taken out are no loss; which of the others those are, only a complete one tells.
      const lost = database.summary().events === events ? [] : missing;
      // Copied, not moved: whatever is cut short here, what is whole in the partition is still under its name.
      const keptAs = copyAside(path);
      const sealed = this.write(database, first, last, sealedAtMs);
      this.#onDamaged({ sealed, keptAs: basename(keptAs), lost });
      return sealed;
    } finally {
      database.close();
    }
  }

  #describe(path: string, pieces: readonly Uint8Array[], database: GrowingPartition, span: Span): SealedPartition {
    const facts = {
      ...database.summary(),
      sealedAtMs: span.sealedAtMs,
      bytes: pieces.reduce((sum, { length }) => sum + length, 0),
      ids: BloomFilter.of(database.contents.eventIds).bits,
      terms: BloomFilter.of(database.contents.terms).bits,
    };
    const pages = pageChecksums(pieces);
    replaceFileSync(sidecarPath(path), [encodeSidecar({ ...facts, pages })]);
    this.#files.set(span.first, { path, pages, span: { ...span, events: facts.events } });
    return { first: span.first, last: span.last, ...facts };
  }
}

interface Span {
  readonly first: number;
  readonly last: number;
  readonly sealedAtMs: number;
}

/** A crash between writing several partitions as one and removing them leaves both: the larger one has it all. */
function removeMerged(directory: string): void {
  const ranges = readdirSync(directory).flatMap((name) => {
    const [, first, last] = NAME.exec(name) ?? [];
    return first === undefined ? [] : [{ name, first: Number(first), last: Number(last) }];
  });
  for (const inner of ranges) {
    const isMerged = ranges.some(
      (outer) => outer.name !== inner.name && outer.first <= inner.first && outer.last >= inner.last,
    );
    if (isMerged) removeFiles(join(directory, inner.name));
  }
}

/** With how many events there are in it, where that is known. */
interface CountedSpan extends Span {
  readonly events?: number;
}

function readSidecar(path: string): Sidecar | undefined {
  const sidecar = sidecarPath(path);
  return existsSync(sidecar) ? decodeSidecar(readFileSync(sidecar)) : undefined;
}

function moveAside(path: string): string {
  rmSync(sidecarPath(path), { force: true });
  const kept = nameAside(path);
  renameSync(path, kept);
  syncDirectorySync(dirname(path));
  return kept;
}

function copyAside(path: string): string {
  // It describes the damaged bytes as they should be, and would make the mended ones look damaged.
  rmSync(sidecarPath(path), { force: true });
  const kept = nameAside(path);
  copyFileSync(path, kept);
  syncDirectorySync(dirname(path));
  return kept;
}

function nameAside(path: string): string {
  let kept = `${path}.damaged`;
  for (let number = 2; existsSync(kept); number++) kept = `${path}.damaged.${number}`;
  return kept;
}

function removeFiles(path: string): void {
  rmSync(path, { force: true });
  rmSync(sidecarPath(path), { force: true });
}

function sidecarPath(path: string): string {
  return path.replace(/\.sqlite$/, ".bloom");
}

function partitionPath(sidecar: string): string {
  return sidecar.replace(/\.bloom$/, ".sqlite");
}

function digits(seq: number): string {
  return String(seq).padStart(SEQ_DIGITS, "0");
}
