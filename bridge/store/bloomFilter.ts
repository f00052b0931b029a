/**
 * Owns the Bloom filter: a set of texts in a few bytes each, which knows for certain what is *not* in it. Two a sealed
 * partition: over event ids, so that a new event's id is recognised as new, and over what filters ask for, so that a query
 * passes over what cannot have it, both without opening any file.
 */

/** 24 bits and 12 hashes a member: one in 100,000 others looks like a member and costs a look. */
const BITS_PER_MEMBER = 24;
export const HASHES = 12;

/** Sizes come in this many steps from one power of two to the next, so that filters over about as much are of one size. */
const SIZES_PER_DOUBLING = 8;

/** What of a text is needed to look for it, in any number of filters. */
export interface BloomHash {
  readonly first: number;
  readonly step: number;
}

export function bloomHash(text: string): BloomHash {
  // Odd, so that it is never 0 and the positions differ.
  return { first: fnv1a(text, 0x811c9dc5), step: fnv1a(text, 0x9e3779b9) | 1 };
}

/** The bit that one of the hashes stands for in a filter of `size` bits. Double hashing: Kirsch and Mitzenmacher, 2006. */
export function bitPosition({ first, step }: BloomHash, index: number, size: number): number {
  // Integers of 32 bits, by which V8 divides in a tenth of the time.
  return ((first + Math.imul(index, step) + index * index) >>> 0) % (size >>> 0);
}

export class BloomFilter {
  /** What is kept on disk; any size can be read. */
  readonly bits: Uint8Array;
  /** In bits. */
  readonly size: number;

  constructor(bits: Uint8Array) {
    if (bits.length === 0) throw new RangeError("a Bloom filter needs at least one byte");
    this.bits = bits;
    this.size = bits.length * 8;
  }

  static of(texts: ReadonlySet<string> | readonly string[]): BloomFilter {
    const count = "size" in texts ? texts.size : texts.length;
    const filter = new BloomFilter(new Uint8Array(bytesFor(count)));
    for (const text of texts) filter.#add(bloomHash(text));
    return filter;
  }

  /** False is certain; true is probable. */
  mayHave(text: string | BloomHash): boolean {
    const hash = typeof text === "string" ? bloomHash(text) : text;
    for (let index = 0; index < HASHES; index++) {
      const position = bitPosition(hash, index, this.size);
      if (((this.bits[position >>> 3] ?? 0) & (1 << (position & 7))) === 0) return false;
    }
    return true;
  }

  /** The same, where the bits that a text stands for in filters of this size are known already. */
  mayHaveAt(positions: Uint32Array): boolean {
    for (let index = 0; index < HASHES; index++) {
      const position = positions[index] ?? 0;
      if (((this.bits[position >>> 3] ?? 0) & (1 << (position & 7))) === 0) return false;
    }
    return true;
  }

  #add(hash: BloomHash): void {
    for (let index = 0; index < HASHES; index++) {
      const position = bitPosition(hash, index, this.size);
      this.bits[position >>> 3] = (this.bits[position >>> 3] ?? 0) | (1 << (position & 7));
    }
  }
}

function bytesFor(count: number): number {
  const bytes = Math.max(SIZES_PER_DOUBLING, Math.ceil((count * BITS_PER_MEMBER) / 8));
  const step = 2 ** Math.floor(Math.log2(bytes)) / SIZES_PER_DOUBLING;
  return Math.ceil(bytes / step) * step;
}

/** FNV-1a with a final mix (from MurmurHash3), since FNV alone leaves texts that differ at their end close together. */
function fnv1a(text: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
