/**
 * Owns the Bloom filter: a set of texts in a few bytes each, which knows for certain what is *not* in it. Two a sealed
 * partition: over event ids, so that a new event's id is recognised as new, and over what filters ask for, so that a query
 * passes over what cannot have it, both without opening any file.
 */

/** 24 bits and 12 hashes a member: one in 100,000 others looks like a member and costs a look. */
const BITS_PER_MEMBER = 24;
const HASHES = 12;

/** What of a text is needed to look for it, in any number of filters. */
export interface BloomHash {
  readonly first: number;
  readonly step: number;
}

export function bloomHash(text: string): BloomHash {
  // Odd, so that it is never 0 and the positions differ.
  return { first: fnv1a(text, 0x811c9dc5), step: fnv1a(text, 0x9e3779b9) | 1 };
}

export class BloomFilter {
  /** What is kept on disk. */
  readonly bits: Uint8Array;
  readonly #size: number;

  constructor(bits: Uint8Array) {
    if (bits.length === 0) throw new RangeError("a Bloom filter needs at least one byte");
    this.bits = bits;
    // An integer of 32 bits, by which V8 divides in a tenth of the time.
    this.#size = (bits.length * 8) >>> 0;
  }

  static of(texts: ReadonlySet<string> | readonly string[]): BloomFilter {
    const count = "size" in texts ? texts.size : texts.length;
    const filter = new BloomFilter(new Uint8Array(Math.max(8, Math.ceil((count * BITS_PER_MEMBER) / 8))));
    for (const text of texts) filter.#add(bloomHash(text));
    return filter;
  }

  /** False is certain; true is probable. */
  mayHave(text: string | BloomHash): boolean {
    const hash = typeof text === "string" ? bloomHash(text) : text;
    for (let index = 0; index < HASHES; index++) {
      const position = this.#position(hash, index);
      if (((this.bits[position >>> 3] ?? 0) & (1 << (position & 7))) === 0) return false;
    }
    return true;
  }

  #add(hash: BloomHash): void {
    for (let index = 0; index < HASHES; index++) {
      const position = this.#position(hash, index);
      this.bits[position >>> 3] = (this.bits[position >>> 3] ?? 0) | (1 << (position & 7));
    }
  }

  /** Double hashing: Kirsch and Mitzenmacher, 2006. */
  #position({ first, step }: BloomHash, index: number): number {
    return ((first + Math.imul(index, step) + index * index) >>> 0) % this.#size;
  }
}

/** FNV-1a with a final mix (from MurmurHash3), since FNV alone leaves texts that differ at their end close together. */
function fnv1a(text: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
