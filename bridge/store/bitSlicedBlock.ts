/**
 * Owns 32 Bloom filters of one size as bit slices: the word of a position has that bit of all 32, a bit a filter. The
 * words of a few positions, taken together, tell which filters have them all.
 */
import { type BloomFilter, HASHES } from "./bloomFilter.ts";

export const COLUMNS = 32;
const ALL = -1;

/** A filter, and what it is known by. */
export interface KeyedFilter {
  readonly key: number;
  readonly filter: BloomFilter;
}

/** Whether filters of this many bits can be in a block: they must consist of whole words. */
export function canBeSliced(size: number): boolean {
  return size % 32 === 0;
}

export class BitSlicedBlock {
  /** The word of position `p` is the `p / 32`th of the `p % 32`th slice. */
  readonly #slices: readonly Int32Array[];
  /** What each column is known by; stale where the column is free. */
  readonly #keys: number[];
  /** A bit for each column that is in use. */
  #used = ALL;

  /**
   * @param filters as many as there are columns, of one size. The block takes over their memory: a store has tens of
   * megabytes of filters, which are not to be there twice, not even for a moment.
   */
  constructor(filters: readonly KeyedFilter[]) {
    const [first] = filters;
    if (filters.length !== COLUMNS || filters.some(({ filter }) => filter.size !== first?.filter.size)) {
      throw new RangeError(`A block needs ${COLUMNS} filters of one size`);
    }
    this.#slices = filters.map(({ filter }) => wordsOf(filter.bits));
    this.#keys = filters.map(({ key }) => key);
    turn(this.#slices);
  }

  get isEmpty(): boolean {
    return this.#used === 0;
  }

  get isFull(): boolean {
    return this.#used === ALL;
  }

  /** Adds to `found` the keys of the filters that have all these positions, one a hash. */
  collect(positions: Uint32Array, found: number[]): void {
    const slices = this.#slices;
    let columns = this.#used;
    // Six words leave none of 32 filters nine times in ten. Looking whether any is left after each costs more: where the
    // processor guesses that wrong, it has to wait for the memory.
    columns &=
      wordAt(slices, positions[0] ?? 0) & wordAt(slices, positions[1] ?? 0) & wordAt(slices, positions[2] ?? 0);
    columns &=
      wordAt(slices, positions[3] ?? 0) & wordAt(slices, positions[4] ?? 0) & wordAt(slices, positions[5] ?? 0);
    for (let index = 6; index < HASHES && columns !== 0; index++) columns &= wordAt(slices, positions[index] ?? 0);
    while (columns !== 0) {
      const column = highest(columns);
      found.push(this.#keys[column] ?? Number.NaN);
      columns ^= 1 << column;
    }
  }

  /** Copies a filter of the block's size to a column that is free. */
  add({ key, filter }: KeyedFilter): void {
    const column = highest(~this.#used);
    const bits = wordsOf(filter.bits);
    for (const [row, slice] of this.#slices.entries()) {
      for (let index = 0; index < slice.length; index++) {
        const bit = ((bits[index] ?? 0) >>> row) & 1;
        slice[index] = ((slice[index] ?? 0) & ~(1 << column)) | (bit << column);
      }
    }
    this.#keys[column] = key;
    this.#used |= 1 << column;
  }

  /** Whether it was there. */
  remove(key: number): boolean {
    const column = this.#keys.findIndex((known, index) => known === key && (this.#used & (1 << index)) !== 0);
    if (column === -1) return false;
    this.#used &= ~(1 << column);
    return true;
  }
}

function wordAt(slices: readonly Int32Array[], position: number): number {
  return slices[position & 31]?.[position >>> 5] ?? 0;
}

/** Little-endian, as the machines are that VS Code runs on: bit 0 of the first byte is bit 0 of the first word. */
function wordsOf(bits: Uint8Array): Int32Array {
  const { buffer, byteOffset, length } = bits.byteOffset % 4 === 0 ? bits : new Uint8Array(bits);
  return new Int32Array(buffer, byteOffset, length / 4);
}

function highest(columns: number): number {
  return 31 - Math.clz32(columns);
}

/** Turns 32 filters into 32 slices in place: the 32 words at one index are a square of bits, mirrored at its diagonal. */
function turn(filters: readonly Int32Array[]): void {
  const square = new Int32Array(COLUMNS);
  const words = filters[0]?.length ?? 0;
  for (let index = 0; index < words; index++) {
    for (let row = 0; row < COLUMNS; row++) square[row] = filters[row]?.[index] ?? 0;
    transpose(square);
    for (let row = 0; row < COLUMNS; row++) {
      const slice = filters[row];
      if (slice !== undefined) slice[index] = square[row] ?? 0;
    }
  }
}

/** Swaps the two quarters beside the diagonal, then the same within each quarter: Warren, "Hacker's Delight", 7-3. */
function transpose(square: Int32Array): void {
  let mask = 0x0000ffff;
  for (let width = 16; width !== 0; width >>>= 1, mask ^= mask << width) {
    for (let row = 0; row < 32; row = ((row | width) + 1) & ~width) {
      const other = row | width;
      const swapped = (((square[row] ?? 0) >>> width) ^ (square[other] ?? 0)) & mask;
      square[row] = (square[row] ?? 0) ^ (swapped << width);
      square[other] = (square[other] ?? 0) ^ swapped;
    }
  }
}
