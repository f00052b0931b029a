/**
 * Owns reading a sealed partition page by page, each page checked against its checksum before SQLite sees it. sql.js knows
 * only databases that are whole in memory: it copies what it is given into a file of its in-memory file system by
 * `slice`, and reads from that file by `subarray` (its 1.16.0; a test would notice another way). Here both go to the disk,
 * so that a partition costs what is read of it, however large it is.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";

/** SQLite's own page size, which is what it reads at a time. */
export const PAGE_BYTES = 4096;

/** Emscripten's number for an input/output error: SQLite ends the statement with it and stays whole. */
const EIO = 29;

/** What Emscripten's file system takes for an error of its own; any other would tear through SQLite's frames. */
class ReadError extends Error {
  override readonly name = "ErrnoError";
  readonly errno = EIO;
}

export class PagedFile implements Disposable {
  readonly length: number;
  /** sql.js's type asks for it; all reads come through `subarray`. */
  readonly [index: number]: number;
  readonly #descriptor: number;
  readonly #checksums: Uint32Array;
  readonly #page = new Uint8Array(PAGE_BYTES);
  #isDamaged = false;
  #failure: unknown;

  /** @param checksums of each page, as `pageChecksums` makes them. @throws what the file system says. */
  constructor(path: string, checksums: Uint32Array) {
    this.#descriptor = openSync(path, "r");
    this.length = fstatSync(this.#descriptor).size;
    this.#checksums = checksums;
    this.#isDamaged = Math.ceil(this.length / PAGE_BYTES) !== checksums.length;
  }

  /** Whether something was asked for that is not what was written. */
  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  /** Why the disk could not be read, if it could not. */
  get failure(): unknown {
    return this.#failure;
  }

  /** The file's bytes from `start` up to `end`. Valid until the next call. */
  subarray(start: number, end: number): Uint8Array {
    const first = Math.floor(start / PAGE_BYTES);
    const inPage = start - first * PAGE_BYTES;
    if (inPage + end - start <= PAGE_BYTES) return this.#read(first).subarray(inPage, inPage + end - start);
    const bytes = new Uint8Array(end - start);
    for (let at = start; at < end; ) {
      const number = Math.floor(at / PAGE_BYTES);
      const page = this.#read(number).subarray(at - number * PAGE_BYTES);
      bytes.set(page.subarray(0, end - at), at - start);
      at += page.length;
    }
    return bytes;
  }

  /** What sql.js keeps of what it was given. */
  slice(): this {
    return this;
  }

  /** Reads all of it; whether it is what was written. */
  isIntact(): boolean {
    try {
      for (let page = 0; page * PAGE_BYTES < this.length; page++) this.#read(page);
    } catch (error) {
      if (!(error instanceof ReadError)) throw error;
      if (this.#failure !== undefined) throw this.#failure;
    }
    return !this.#isDamaged;
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }

  #read(number: number): Uint8Array {
    const start = number * PAGE_BYTES;
    const page = this.#page.subarray(0, Math.min(PAGE_BYTES, this.length - start));
    let filled = 0;
    try {
      while (filled < page.length) {
        const count = readSync(this.#descriptor, page, filled, page.length - filled, start + filled);
        if (count === 0) break;
        filled += count;
      }
    } catch (error) {
      this.#failure = error;
      throw new ReadError("The partition's file could not be read", { cause: error });
    }
    if (filled < page.length || crc32(page) !== this.#checksums[number]) {
      this.#isDamaged = true;
      throw new ReadError(`Page ${number} of the partition's file is not what was written`);
    }
    return page;
  }
}

/** The CRC-32 of each page. */
export function pageChecksums(bytes: Uint8Array): Uint32Array {
  const checksums = new Uint32Array(Math.ceil(bytes.length / PAGE_BYTES));
  for (let page = 0; page < checksums.length; page++) {
    checksums[page] = crc32(bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
  }
  return checksums;
}
