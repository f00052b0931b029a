/**
 * Owns the Bloom filter: a set of ids in a few bytes each, which knows for certain what is *not* in it. One a sealed
 * partition lets a new event's id be recognised as new without opening any file.
 */

/** 24 bits and 12 hashes an id: one in 100,000 new ids looks known and costs a look-up. */
const BITS_PER_ID = 24;
const HASHES = 12;

export class BloomFilter {
  /** What is kept on disk. */
  readonly bits: Uint8Array;

  constructor(bits: Uint8Array) {
    if (bits.length === 0) throw new RangeError("a Bloom filter needs at least one byte");
    this.bits = bits;
  }

  static of(ids: readonly string[]): BloomFilter {
    const filter = new BloomFilter(new Uint8Array(Math.max(8, Math.ceil((ids.length * BITS_PER_ID) / 8))));
    for (const id of ids) filter.#add(id);
    return filter;
  }

  /** False is certain; true is probable. */
  mayHave(id: string): boolean {
    return this.#positions(id, (byte, mask) => ((this.bits[byte] ?? 0) & mask) !== 0);
  }

  #add(id: string): void {
    this.#positions(id, (byte, mask) => {
      this.bits[byte] = (this.bits[byte] ?? 0) | mask;
      return true;
    });
  }

  /** Visits the id's bits for as long as the visitor says true (double hashing: Kirsch and Mitzenmacher, 2006). */
  #positions(id: string, visit: (byte: number, mask: number) => boolean): boolean {
    const size = this.bits.length * 8;
    const first = fnv1a(id, 0x811c9dc5);
    // Odd, so that it is never 0 and the positions differ.
    const step = fnv1a(id, 0x9e3779b9) | 1;
    for (let index = 0; index < HASHES; index++) {
      const position = ((first + Math.imul(index, step) + index * index) >>> 0) % size;
      if (!visit(position >>> 3, 1 << (position & 7))) return false;
    }
    return true;
  }
}

/** FNV-1a with a final mix (from MurmurHash3), since FNV alone leaves ids that differ at their end close together. */
function fnv1a(text: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
