/**
 * Owns the bytes of a partition that grows. sql.js would copy the whole file each time it grows by an eighth, and once more
 * to hand it out; here it grows by a piece, and the pieces are what is written to disk in the end. sql.js takes it for the
 * contents of a file of its in-memory file system: it writes by `set` as long as `length` leaves room, and reads by
 * `subarray` (its 1.16.0; a test would notice another way).
 */

/** A multiple of SQLite's page size, so that no page lies in two pieces. */
const PIECE_BYTES = 256 * 1024;

export class MemoryFile {
  /** What sql.js takes for the size at first, and for the room there is from then on. */
  length: number;
  /** sql.js's type asks for it; all reads come through `subarray`. */
  readonly [index: number]: number;
  readonly #pieces: Uint8Array[] = [];
  #size = 0;

  /** @param start the bytes of an empty partition: sql.js ignores a file without any. */
  constructor(start: Uint8Array) {
    this.set(start, 0);
    this.length = start.length;
  }

  /** To be called once sql.js has it: from now on there is room for any write. */
  beginGrowing(): void {
    this.length = Number.MAX_SAFE_INTEGER;
  }

  /** The file's bytes, in order. */
  pieces(): Uint8Array[] {
    return this.#pieces.map((piece, index) =>
      piece.subarray(0, Math.min(PIECE_BYTES, this.#size - index * PIECE_BYTES)),
    );
  }

  set(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length; ) {
      const [piece, inPiece] = this.#at(position + done);
      const part = bytes.subarray(done, done + PIECE_BYTES - inPiece);
      piece.set(part, inPiece);
      done += part.length;
    }
    this.#size = Math.max(this.#size, position + bytes.length);
  }

  subarray(start: number, end: number): Uint8Array {
    const [piece, inPiece] = this.#at(start);
    if (inPiece + end - start <= PIECE_BYTES) return piece.subarray(inPiece, inPiece + end - start);
    const bytes = new Uint8Array(end - start);
    for (let at = start; at < end; ) {
      const [next, inNext] = this.#at(at);
      const part = next.subarray(inNext, inNext + end - at);
      bytes.set(part, at - start);
      at += part.length;
    }
    return bytes;
  }

  /** What sql.js keeps of what it was given. */
  slice(): this {
    return this;
  }

  #at(position: number): [piece: Uint8Array, inPiece: number] {
    const number = Math.floor(position / PIECE_BYTES);
    while (this.#pieces.length <= number) this.#pieces.push(new Uint8Array(PIECE_BYTES));
    return [this.#pieces[number] ?? new Uint8Array(PIECE_BYTES), position - number * PIECE_BYTES];
  }
}
