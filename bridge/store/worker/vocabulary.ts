/**
 * Owns numbering words in the order in which they first come. A word is looked up where it stands in its text: to make a string
 * of each that is met takes longer than all else that is done with it.
 */

/** Of FNV-1a, by which whoever looks a word up makes its hash while reading it. */
export const FNV_PRIME = 0x01000193;

const FIRST_SLOTS = 1024;

export class Vocabulary {
  readonly #words: string[] = [];
  readonly #hashes: number[] = [];
  /** By hash, then wherever there is room behind: a word's number and one, or 0. */
  #slots = new Int32Array(FIRST_SLOTS);

  /** The number of the word from `start` up to `end`. */
  numberOf(text: string, start: number, end: number, hash: number): number {
    let slot = this.#slotOf(hash);
    for (let taken = this.#slots[slot] ?? 0; taken !== 0; taken = this.#slots[slot] ?? 0) {
      if (this.#hashes[taken - 1] === hash && isWord(this.word(taken - 1), text, start, end)) return taken - 1;
      slot = (slot + 1) % this.#slots.length;
    }
    const number = this.#words.push(text.slice(start, end)) - 1;
    this.#hashes.push(hash);
    this.#slots[slot] = number + 1;
    if (2 * this.#words.length > this.#slots.length) this.#grow();
    return number;
  }

  word(number: number): string {
    return this.#words[number] ?? "";
  }

  /** The high bits of a product are mixed best. */
  #slotOf(hash: number): number {
    return ((hash >>> 15) ^ hash) & (this.#slots.length - 1);
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (const [number, hash] of this.#hashes.entries()) {
      let slot = this.#slotOf(hash);
      while (this.#slots[slot] !== 0) slot = (slot + 1) % this.#slots.length;
      this.#slots[slot] = number + 1;
    }
  }
}

function isWord(word: string, text: string, start: number, end: number): boolean {
  if (word.length !== end - start) return false;
  for (let at = 0; at < word.length; at++) if (word.charCodeAt(at) !== text.charCodeAt(start + at)) return false;
  return true;
}
