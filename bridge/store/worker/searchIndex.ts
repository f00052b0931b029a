/**
 * Owns a growing partition's index of words: those that wait for it, and putting them in, many together, when somebody
 * searches or the partition is written to its file. What a search has put in once is not touched again by the next.
 */
import type { Database, SqlValue } from "sql.js";
import { readVarints, VARINT_BYTES, writeVarint } from "./varint.ts";
import { type WordSegment, WordSegmentBuilder } from "./wordSegment.ts";

/** Of texts whose words wait in memory, at most. */
const MAX_WAITING_CHARACTERS = 1024 * 1024;

/**
 * So many texts and more make a segment of their own. Fewer are left to FTS4, which joins what is small: a search looks into
 * each segment.
 */
const SEGMENT_TEXTS = 500;

/** FTS4 takes an integer alone for a row's number, and sql.js binds what is beyond 32 bits as a float. */
const INSERT_TEXT = "INSERT INTO search (docid, words) VALUES (CAST(? AS INTEGER),?)";

/** Words of one row. */
export interface RowText {
  readonly seq: number;
  readonly text: string;
}

export class SearchIndex {
  readonly #database: Database;
  /** What waits: words that were taken apart here, texts that may be, and texts that FTS4 has to take apart. */
  #builder = new WordSegmentBuilder();
  #newest: RowText[] = [];
  #others: RowText[] = [];
  #characters = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  get isEmpty(): boolean {
    return this.#characters === 0;
  }

  get isFull(): boolean {
    return this.#characters >= MAX_WAITING_CHARACTERS;
  }

  add(texts: readonly RowText[]): void {
    for (const each of texts) {
      this.#newest.push(each);
      this.#characters += each.text.length;
    }
    // Not kept until the end: a text is larger than what is made of it, and crowds a small heap.
    if (this.#newest.length >= SEGMENT_TEXTS) this.#takeApart();
  }

  /** To be called in a transaction, and once that is committed, `written`. */
  write(): void {
    if (this.#builder.totals.rows > 0) this.#takeApart();
    const segment = this.#builder.build();
    if (segment !== undefined) this.#writeSegment(segment);
    this.#addTotals(this.#builder.totals);
    this.#insert([...this.#others, ...this.#newest]);
  }

  written(): void {
    this.#builder = new WordSegmentBuilder();
    this.#newest = [];
    this.#others = [];
    this.#characters = 0;
  }

  #takeApart(): void {
    for (const each of this.#newest) {
      if (this.#builder.takes(each.seq, each.text)) this.#builder.add(each.seq, each.text);
      else this.#others.push(each);
    }
    this.#newest = [];
  }

  /** Through FTS4, which knows all letters. */
  #insert(texts: readonly RowText[]): void {
    if (texts.length === 0) return;
    const insert = this.#database.prepare(INSERT_TEXT);
    try {
      for (const { seq, text } of texts) insert.run([seq, text]);
    } finally {
      insert.free();
    }
  }

  #writeSegment({ leaves, root }: WordSegment): void {
    const [firstLeaf, segments] = this.#row(
      "SELECT (SELECT coalesce(max(blockid), 0) + 1 FROM search_segments), coalesce(max(idx), -1) + 1 FROM search_segdir WHERE level = 0",
    ).map(Number);
    if (firstLeaf === undefined || segments === undefined) throw new Error("An aggregate has always one row");
    const insert = this.#database.prepare("INSERT INTO search_segments (blockid, block) VALUES (?,?)");
    try {
      for (const [index, leaf] of leaves.entries()) insert.run([firstLeaf + index, leaf]);
    } finally {
      insert.free();
    }
    const [start, end] = leaves.length === 0 ? [0, 0] : [firstLeaf, firstLeaf + leaves.length - 1];
    this.#database.run("INSERT INTO search_segdir VALUES (0,?,?,?,?,?)", [segments, start, end, end, root(firstLeaf)]);
  }

  /** FTS4 counts rows, their words and their bytes. */
  #addTotals({ rows, words, characters }: WordSegmentBuilder["totals"]): void {
    if (rows === 0) return;
    const added = [rows, words, characters];
    const [value] = this.#row("SELECT value FROM search_stat WHERE id = 0");
    const totals = value instanceof Uint8Array ? readVarints(value) : [];
    const bytes = new Uint8Array(added.length * VARINT_BYTES);
    let end = 0;
    for (const [index, each] of added.entries()) end = writeVarint(bytes, end, each + (totals[index] ?? 0));
    this.#database.run("REPLACE INTO search_stat (id, value) VALUES (0,?)", [bytes.subarray(0, end)]);
  }

  #row(sql: string): SqlValue[] {
    return this.#database.exec(sql)[0]?.values[0] ?? [];
  }
}
