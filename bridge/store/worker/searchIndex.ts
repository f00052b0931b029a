/**
 * Owns a growing partition's index of words: those that wait for it, and putting them in, many together, when somebody
 * searches or the partition is written to its file. What a search has put in once is not touched again by the next.
 */
import type { Database, SqlValue } from "sql.js";
import { readVarints, VARINT_BYTES, writeVarint } from "./varint.ts";
import { type WordSegment, WordSegmentBuilder } from "./wordSegment.ts";

/** Of texts whose words wait in memory, at most. */
const MAX_WAITING_CHARACTERS = 1024 * 1024;

/** As many as FTS4 itself lets become before it writes them as one: a search looks into each. */
const MAX_SEGMENTS = 16;

/** Words of one row. */
export interface RowText {
  readonly seq: number;
  readonly text: string;
}

export class SearchIndex {
  readonly #database: Database;
  /** What waits: words that are taken apart here, and texts for FTS4. */
  #builder = new WordSegmentBuilder();
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
      const { seq, text } = each;
      if (this.#builder.takes(seq, text)) this.#builder.add(seq, text);
      else this.#others.push(each);
      this.#characters += text.length;
    }
  }

  /** To be called in a transaction, and once that is committed, `written`. */
  write(): void {
    const segment = this.#builder.build();
    if (segment !== undefined) this.#writeSegment(segment);
    this.#addTotals(this.#builder.totals);
    this.#insert(this.#others);
  }

  written(): void {
    this.#builder = new WordSegmentBuilder();
    this.#others = [];
    this.#characters = 0;
  }

  /** Through FTS4, which knows all letters. */
  #insert(texts: readonly RowText[]): void {
    if (texts.length === 0) return;
    const insert = this.#database.prepare("INSERT INTO search (docid, words) VALUES (?,?)");
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
    if (segments + 1 >= MAX_SEGMENTS) this.#database.exec("INSERT INTO search (search) VALUES ('optimize')");
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
