/**
 * Owns a partition that grows, in memory: what is put in, and its file's bytes in the end. It is indexed when it is read, or
 * written to its file: for many rows together that costs half of what it does row by row, and for their words a quarter.
 */
import { crc32 } from "node:zlib";
import type { Database, SqlJsStatic, Statement } from "sql.js";
import type { Event } from "../../../shared/events/event.ts";
import { eventColumns } from "../eventRow.ts";
import { searchText } from "../searchText.ts";
import { MemoryFile } from "./memoryFile.ts";
import type { FoundRow, RowQuery } from "./messages.ts";
import { PartitionContents } from "./partitionContents.ts";
import { PartitionDatabase } from "./partitionDatabase.ts";
import { PARTITION_INDEXES, PARTITION_TABLES } from "./partitionSchema.ts";
import { type RowText, SearchIndex } from "./searchIndex.ts";

/** The body goes in as bytes, which sql.js copies at once; a text it would copy character by character. */
const INSERT = "INSERT INTO events VALUES (?,?,?,?,?,?,?,CAST(? AS TEXT),?) ON CONFLICT (seq) DO NOTHING";

/** An event to be put in. */
export interface InsertedEvent {
  readonly seq: number;
  readonly event: Event;
  /** Its JSON in UTF-8. */
  readonly body: Uint8Array;
}

export class GrowingPartition extends PartitionDatabase {
  readonly #file: MemoryFile;
  readonly #words: SearchIndex;
  readonly #insert: Statement;
  readonly #contents = new PartitionContents();
  /** SQLite takes back what it had written by cutting its file, and sql.js goes on in a copy of that. */
  #wasCut = false;
  #isIndexed = false;
  #events = 0;

  private constructor(database: Database, file: MemoryFile) {
    super(database);
    this.#file = file;
    this.#words = new SearchIndex(database);
    this.#insert = database.prepare(INSERT);
  }

  /** Makes an empty one. */
  static create(sql: SqlJsStatic): GrowingPartition {
    const empty = new sql.Database();
    empty.exec(PARTITION_TABLES);
    const file = new MemoryFile(empty.export());
    empty.close();
    const database = new sql.Database(file);
    file.beginGrowing();
    database.exec("PRAGMA journal_mode = MEMORY");
    return new GrowingPartition(database, file);
  }

  /** What filters find here, of all that was put in. */
  get contents(): PartitionContents {
    return this.#contents;
  }

  /** How many it has. */
  get events(): number {
    return this.#events;
  }

  /** All rows or, on an error, none. A row whose `seq` is there is passed over, so that a recovery can be repeated. */
  insert(events: Iterable<InsertedEvent>): void {
    if (this.#words.isFull) this.#completeWords();
    const texts: RowText[] = [];
    let added = 0;
    this.#transact(() => {
      for (const { seq, event, body } of events) {
        this.#insert.run([seq, ...eventColumns(event), body, crc32(body)]);
        if (this.database.getRowsModified() === 0) continue;
        added++;
        this.#contents.add(event);
        const text = searchText(event);
        if (text !== "") texts.push({ seq, text });
      }
    });
    this.#events += added;
    this.#words.add(texts);
  }

  override query(query: RowQuery): [number, string][] {
    this.#index();
    if (query.filter.search !== undefined) this.#completeWords();
    return super.query(query);
  }

  override find(eventIds: readonly string[]): FoundRow[] {
    this.#index();
    return super.find(eventIds);
  }

  /** The file's bytes, in pieces of whole pages, readable by any SQLite. Valid until the next write. */
  bytes(): readonly Uint8Array[] {
    this.#index();
    this.#completeWords();
    return this.#wasCut ? [this.database.export()] : this.#file.pieces();
  }

  #index(): void {
    if (this.#isIndexed) return;
    this.#transact(() => this.database.exec(PARTITION_INDEXES));
    this.#isIndexed = true;
  }

  #completeWords(): void {
    if (this.#words.isEmpty) return;
    this.#transact(() => this.#words.write());
    this.#words.written();
  }

  #transact(run: () => void): void {
    this.database.exec("BEGIN");
    try {
      run();
      this.database.exec("COMMIT");
    } catch (error) {
      this.#wasCut = true;
      this.database.exec("ROLLBACK");
      throw error;
    }
  }
}
