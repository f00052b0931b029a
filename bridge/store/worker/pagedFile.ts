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

  /** Whether something was read that is not what was written: no answer that came of it counts. */
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

  /** Reads all of it; whether it is what was written. @throws what the file system says. */
  isIntact(): boolean {
    for (let page = 0; page * PAGE_BYTES < this.length; page++) this.#read(page);
    if (this.#failure !== undefined) throw this.#failure;
    return !this.#isDamaged;
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }

  /**
   * An error cannot be thrown through SQLite's frames. What is read instead of a page that is not there is zeros, and
   * whoever asked looks at `isDamaged` and `failure` before taking an answer.
   */
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
      return page.fill(0);
    }
    if (filled === page.length && crc32(page) === this.#checksums[number]) return page;
    this.#isDamaged = true;
    return page.fill(0);
  }
}

/** The CRC-32 of each page of a file that is given in pieces of whole pages. */
export function pageChecksums(pieces: readonly Uint8Array[]): Uint32Array {
  const checksums: number[] = [];
  for (const piece of pieces) {
    for (let start = 0; start < piece.length; start += PAGE_BYTES) {
      checksums.push(crc32(piece.subarray(start, start + PAGE_BYTES)));
    }
  }
  return Uint32Array.from(checksums);
}
