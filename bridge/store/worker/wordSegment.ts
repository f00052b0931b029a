/**
 * Owns making an inverted index over many texts at once, in the form that FTS4 keeps its own in (sqlite.org/fts3.html, "Data
 * Structures"): a segment of leaves with the words in order, each with the rows that have it and its places in them, and
 * a root that tells where each leaf begins. Handed to FTS4 row by row a text costs four times as much, mostly for what
 * it does once a row.
 */
import { PAGE_BYTES } from "./pagedFile.ts";
import { VARINT_BYTES, writeVarint } from "./varint.ts";
import { FNV_PRIME, Vocabulary } from "./vocabulary.ts";

/** What of a page FTS4 uses for a leaf, so that it lies on one. */
const LEAF_BYTES = PAGE_BYTES - 35;

export interface WordSegment {
  /** None where the root holds everything. */
  readonly leaves: readonly Uint8Array[];
  /** @param firstLeaf the number under which the first leaf is stored; the others follow. */
  readonly root: (firstLeaf: number) => Uint8Array;
}

export class WordSegmentBuilder {
  readonly #vocabulary = new Vocabulary();
  /** Of each word, in the vocabulary's order. */
  readonly #postings: Postings[] = [];
  #lastRow = 0;
  #rows = 0;
  #words = 0;
  #characters = 0;

  /** What was added so far, each word as often as it stands there. */
  get totals(): { readonly rows: number; readonly words: number; readonly characters: number } {
    return { rows: this.#rows, words: this.#words, characters: this.#characters };
  }

  /**
   * Whether a text is one that can be added: of ASCII alone, which needs no table of letters to be taken apart as FTS4's
   * unicode61 does it, without a NUL, behind which FTS4 reads no further, and of a row behind all others.
   */
  takes(row: number, text: string): boolean {
    return row > this.#lastRow && /^[\x01-\x7f]*$/.test(text);
  }

  add(row: number, text: string): void {
    const folded = text.toLowerCase();
    let place = 0;
    let start = -1;
    let hash = 0;
    for (let at = 0; at <= folded.length; at++) {
      // Behind the end there is NaN, which is no letter.
      const code = folded.charCodeAt(at);
      if (isLetterOrDigit(code)) {
        if (start < 0) start = at;
        hash = Math.imul(hash ^ code, FNV_PRIME);
      } else if (start >= 0) {
        this.#postingsOf(this.#vocabulary.numberOf(folded, start, at, hash)).add(row, place++);
        start = -1;
        hash = 0;
      }
    }
    this.#lastRow = row;
    this.#rows++;
    this.#words += place;
    this.#characters += text.length;
  }

  /** Undefined when there was no word. What was added stays. */
  build(): WordSegment | undefined {
    if (this.#postings.length === 0) return undefined;
    const leaves = new LeafWriter();
    const entries = this.#postings.map((postings, number) => [this.#vocabulary.word(number), postings] as const);
    for (const [word, postings] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) leaves.add(word, postings.finished());
    return leaves.finish();
  }

  #postingsOf(number: number): Postings {
    let postings = this.#postings[number];
    if (postings === undefined) {
      postings = new Postings();
      this.#postings.push(postings);
    }
    return postings;
  }
}

function isLetterOrDigit(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
}

/** The rows that have one word ("doclist"): of each how far it is from the one before, the word's places, and a 0. */
class Postings {
  #bytes = new Uint8Array(32);
  #length = 0;
  #row = 0;
  #place = 0;

  add(row: number, place: number): void {
    if (this.#length + 3 * VARINT_BYTES > this.#bytes.length) this.#grow();
    if (row !== this.#row) {
      if (this.#length > 0) this.#bytes[this.#length++] = 0;
      this.#length = writeVarint(this.#bytes, this.#length, row - this.#row);
      this.#row = row;
      this.#place = 0;
    }
    // 0 and 1 have a meaning of their own.
    this.#length = writeVarint(this.#bytes, this.#length, place - this.#place + 2);
    this.#place = place;
  }

  finished(): Uint8Array {
    this.#bytes[this.#length] = 0;
    return this.#bytes.subarray(0, this.#length + 1);
  }

  #grow(): void {
    const larger = new Uint8Array(this.#bytes.length * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Words in order, each without what it shares with the one before in its leaf. */
class LeafWriter {
  readonly #leaves: Uint8Array[] = [];
  /** Of each leaf but the first a beginning of its first word that is behind all words before. */
  readonly #separators: string[] = [];
  #bytes = new Uint8Array(2 * LEAF_BYTES);
  #length = 0;
  #last = "";

  add(word: string, postings: Uint8Array): void {
    const shared = this.#length === 0 ? 0 : sharedLength(this.#last, word);
    const most = 3 * VARINT_BYTES + word.length - shared + postings.length;
    if (this.#length > 0 && this.#length + most > LEAF_BYTES) {
      this.#endLeaf();
      this.#separators.push(word.slice(0, shared + 1));
      this.#write(word, 0, postings);
    } else this.#write(word, shared, postings);
    this.#last = word;
  }

  finish(): WordSegment {
    this.#endLeaf();
    const [only, ...others] = this.#leaves;
    if (only !== undefined && others.length === 0) return { leaves: [], root: () => only };
    return { leaves: this.#leaves, root: (firstLeaf) => rootOver(this.#separators, firstLeaf) };
  }

  /** A leaf's first word shares nothing: that 0 is also its height in the tree. */
  #write(word: string, shared: number, postings: Uint8Array): void {
    const needed = this.#length + 3 * VARINT_BYTES + word.length + postings.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(needed);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    const bytes = this.#bytes;
    let end = writeVarint(bytes, this.#length, shared);
    end = writeVarint(bytes, end, word.length - shared);
    for (let at = shared; at < word.length; at++) bytes[end++] = word.charCodeAt(at);
    end = writeVarint(bytes, end, postings.length);
    bytes.set(postings, end);
    this.#length = end + postings.length;
  }

  #endLeaf(): void {
    this.#leaves.push(this.#bytes.slice(0, this.#length));
    this.#length = 0;
  }
}

/** A root of height 1, however many leaves there are. */
function rootOver(separators: readonly string[], firstLeaf: number): Uint8Array {
  const most = separators.reduce((sum, { length }) => sum + length + 2 * VARINT_BYTES, 1 + VARINT_BYTES);
  const bytes = new Uint8Array(most);
  let end = writeVarint(bytes, 0, 1);
  end = writeVarint(bytes, end, firstLeaf);
  let last: string | undefined;
  for (const separator of separators) {
    const shared = last === undefined ? 0 : sharedLength(last, separator);
    // What the first one shares with nothing is not told.
    if (last !== undefined) end = writeVarint(bytes, end, shared);
    end = writeVarint(bytes, end, separator.length - shared);
    for (let at = shared; at < separator.length; at++) bytes[end++] = separator.charCodeAt(at);
    last = separator;
  }
  return bytes.subarray(0, end);
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}
