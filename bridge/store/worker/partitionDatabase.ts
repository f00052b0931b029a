/**
 * Owns one partition as a SQLite database: its rows and its reads. It grows in memory; a sealed one is read from its file.
 * One that grows is indexed when it is read, or written to its file: for many rows together that costs half of what it
 * does row by row.
 */
import { crc32 } from "node:zlib";
import type { Database, SqlJsStatic, SqlValue, Statement } from "sql.js";
import type { Event } from "../../../shared/events/event.ts";
import { eventRow } from "../eventRow.ts";
import { addTerms } from "../partitionTerms.ts";
import { searchText } from "../searchText.ts";
import { MemoryFile } from "./memoryFile.ts";
import type { FoundRow, RowQuery } from "./messages.ts";
import { PagedFile } from "./pagedFile.ts";
import { PARTITION_INDEXES, PARTITION_TABLES } from "./partitionSchema.ts";
import { rowQuerySql } from "./rowQuery.ts";

/** Ids a look-up, below SQLite's limit of bound parameters. */
const IDS_PER_STATEMENT = 500;

/** Of a sealed partition that is open; the system keeps its file's pages as well. */
const CACHE_KILOBYTES = 256;

/** The body goes in as bytes, which sql.js copies at once; a text it would copy character by character. */
const INSERT = "INSERT INTO events VALUES (?,?,?,?,?,?,?,CAST(? AS TEXT),?) ON CONFLICT (seq) DO NOTHING";
const INSERT_WORDS = "INSERT INTO search (docid, words) VALUES (?,?)";

/** An event to be put in; one without an event is passed over, as the journal's records may be. */
export interface InsertedEvent {
  readonly seq: number;
  readonly event?: Event;
  readonly body?: string;
}

export interface PartitionSummary {
  readonly events: number;
  readonly oldestMs: number;
  readonly newestMs: number;
}

export class PartitionDatabase {
  readonly #database: Database;
  /** Undefined for one that was opened from bytes. */
  readonly #file: PagedFile | MemoryFile | undefined;
  /** SQLite takes back what it had written by cutting its file, and sql.js goes on in a copy of that. */
  #wasCut = false;
  #isIndexed: boolean;

  private constructor(database: Database, file?: PagedFile | MemoryFile) {
    this.#database = database;
    this.#file = file;
    this.#isIndexed = !(file instanceof MemoryFile);
  }

  /** Makes an empty one, in memory. */
  static create(sql: SqlJsStatic): PartitionDatabase {
    const empty = new sql.Database();
    empty.exec(PARTITION_TABLES);
    const file = new MemoryFile(empty.export());
    empty.close();
    const database = new sql.Database(file);
    file.beginGrowing();
    database.exec("PRAGMA journal_mode = MEMORY");
    return new PartitionDatabase(database, file);
  }

  /** Opens bytes that are whole in memory, or a file, which the database closes with itself. */
  static open(sql: SqlJsStatic, source: Uint8Array | PagedFile): PartitionDatabase {
    const database = new sql.Database(source);
    if (!(source instanceof PagedFile)) return new PartitionDatabase(database);
    try {
      database.exec(`PRAGMA cache_size = -${CACHE_KILOBYTES}`);
    } catch (error) {
      // Where the very first page is damaged, the first read finds that out as well.
      if (!source.isDamaged && source.failure === undefined) throw error;
    }
    return new PartitionDatabase(database, source);
  }

  /** Whether a read met a page of the file that is not what was written. */
  get isDamaged(): boolean {
    return this.#file instanceof PagedFile && this.#file.isDamaged;
  }

  /** All rows or, on an error, none. A row whose `seq` is there is passed over, so that a recovery can be repeated. */
  insert(events: Iterable<InsertedEvent>): void {
    const insert = this.#database.prepare(INSERT);
    const insertWords = this.#database.prepare(INSERT_WORDS);
    try {
      this.#transact(() => {
        for (const { seq, event, body } of events) {
          if (event === undefined || body === undefined) continue;
          const [, eventId, type, ts, project, session, job] = eventRow(seq, event, body);
          const bytes = Buffer.from(body);
          insert.run([seq, eventId, type, ts, project, session, job, bytes, crc32(bytes)]);
          if (this.#database.getRowsModified() === 0) continue;
          const words = searchText(event);
          if (words !== "") insertWords.run([seq, words]);
        }
      });
    } finally {
      insert.free();
      insertWords.free();
    }
  }

  query(query: RowQuery): [number, string][] {
    this.#index();
    const { sql, parameters } = rowQuerySql(query);
    return this.select(sql, parameters, ([seq, body]) => [Number(seq), String(body)]);
  }

  find(eventIds: readonly string[]): FoundRow[] {
    this.#index();
    const found: FoundRow[] = [];
    for (let start = 0; start < eventIds.length; start += IDS_PER_STATEMENT) {
      const ids = eventIds.slice(start, start + IDS_PER_STATEMENT);
      const sql = `SELECT seq, event_id, body FROM events WHERE event_id IN (${ids.map(() => "?").join(",")})`;
      found.push(
        ...this.select(sql, ids, ([seq, eventId, body]) => ({
          seq: Number(seq),
          eventId: String(eventId),
          body: String(body),
        })),
      );
    }
    return found;
  }

  eventIds(): string[] {
    return this.select("SELECT event_id FROM events ORDER BY seq", [], ([eventId]) => String(eventId));
  }

  /** What queries can ask for and find here. */
  terms(): Set<string> {
    const terms = new Set<string>();
    const text = (value: SqlValue | undefined) => (value === null || value === undefined ? null : String(value));
    this.select("SELECT DISTINCT project, session, job, type FROM events", [], ([project, session, job, type]) =>
      addTerms(terms, { project: String(project), session: text(session), job: text(job), type: String(type) }),
    );
    return terms;
  }

  summary(): PartitionSummary {
    const sql = "SELECT count(*), coalesce(min(ts), 0), coalesce(max(ts), 0) FROM events";
    const [summary] = this.select(sql, [], ([events, oldestMs, newestMs]) => ({
      events: Number(events),
      oldestMs: Number(oldestMs),
      newestMs: Number(newestMs),
    }));
    return summary ?? { events: 0, oldestMs: 0, newestMs: 0 };
  }

  /** The event's JSON under a `seq`, if it can be read and is what was written. */
  wholeBody(seq: number): string | undefined {
    const [row] = this.select("SELECT body, crc FROM events WHERE seq = ?", [seq], (values) => values);
    const [body, crc] = row ?? [];
    return typeof body === "string" && crc32(body) === crc ? body : undefined;
  }

  /** The number that the index of event ids has for one. */
  indexedSeq(eventId: string): number | undefined {
    return this.select("SELECT seq FROM events WHERE event_id = ?", [eventId], ([seq]) => Number(seq))[0];
  }

  /** Which layout of the tables it has. */
  format(): number {
    return Number(this.select("PRAGMA user_version", [], ([value]) => value)[0]);
  }

  /** Whether SQLite finds the structure sound (`PRAGMA integrity_check`). */
  isSound(): boolean {
    return this.select("PRAGMA integrity_check", [], ([value]) => value)[0] === "ok";
  }

  /** The database file's bytes, in pieces of whole pages, readable by any SQLite. Valid until the next write. */
  bytes(): readonly Uint8Array[] {
    this.#index();
    const isInFile = this.#file instanceof MemoryFile && !this.#wasCut;
    return isInFile ? this.#file.pieces() : [this.#database.export()];
  }

  close(): void {
    try {
      this.#database.close();
    } finally {
      if (this.#file instanceof PagedFile) this.#file[Symbol.dispose]();
    }
  }

  /** Rows of a statement of our own; values only ever travel as parameters. */
  select<T>(sql: string, parameters: (string | number)[], read: (row: SqlValue[]) => T): T[] {
    let statement: Statement | undefined;
    const rows: T[] = [];
    try {
      statement = this.#database.prepare(sql);
      statement.bind(parameters);
      while (statement.step()) rows.push(read(statement.get()));
    } catch (error) {
      // What SQLite stumbled over may only be what it was given instead of a page.
      this.#assertRead();
      throw error;
    } finally {
      statement?.free();
    }
    this.#assertRead();
    return rows;
  }

  #index(): void {
    if (this.#isIndexed) return;
    this.#transact(() => this.#database.exec(PARTITION_INDEXES));
    this.#isIndexed = true;
  }

  #transact(run: () => void): void {
    this.#database.exec("BEGIN");
    try {
      run();
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#wasCut = true;
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #assertRead(): void {
    if (this.#file instanceof PagedFile && this.#file.failure !== undefined) throw this.#file.failure;
    if (this.isDamaged) throw new Error("The partition's file is not what was written");
  }
}
