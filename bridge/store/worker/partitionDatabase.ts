/** Owns one partition as a SQLite database: its rows and its reads. It grows in memory; a sealed one is read from its file. */
import { crc32 } from "node:zlib";
import type { Database, SqlJsStatic, SqlValue, Statement } from "sql.js";
import type { Event } from "../../../shared/events/event.ts";
import { addTerms } from "../partitionTerms.ts";
import { searchText } from "../searchText.ts";
import type { EventRow, FoundRow, RowQuery } from "./messages.ts";
import { PagedFile } from "./pagedFile.ts";
import { PARTITION_SCHEMA } from "./partitionSchema.ts";
import { rowQuerySql } from "./rowQuery.ts";

/** Ids a look-up, below SQLite's limit of bound parameters. */
const IDS_PER_STATEMENT = 500;

/** Of a sealed partition that is open; the system keeps its file's pages as well. */
const CACHE_KILOBYTES = 512;

const INSERT = "INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (seq) DO NOTHING";
const INSERT_WORDS = "INSERT INTO search (docid, words) VALUES (?,?)";

export interface PartitionSummary {
  readonly events: number;
  readonly oldestMs: number;
  readonly newestMs: number;
}

export class PartitionDatabase {
  readonly #database: Database;
  readonly #file: PagedFile | undefined;

  private constructor(database: Database, file?: PagedFile) {
    this.#database = database;
    this.#file = file;
  }

  static create(sql: SqlJsStatic): PartitionDatabase {
    const database = new sql.Database();
    database.exec(PARTITION_SCHEMA);
    return new PartitionDatabase(database);
  }

  /** Opens bytes that are whole in memory, or a file, which the database closes with itself. */
  static open(sql: SqlJsStatic, source: Uint8Array | PagedFile): PartitionDatabase {
    const database = new sql.Database(source);
    if (!(source instanceof PagedFile)) return new PartitionDatabase(database);
    try {
      database.exec(`PRAGMA cache_size = -${CACHE_KILOBYTES}`);
    } catch (error) {
      // Where the very first page is damaged, the first read finds that out as well.
      if (!source.isDamaged) throw source.failure ?? error;
    }
    return new PartitionDatabase(database, source);
  }

  /** Whether a read met a page of the file that is not what was written. */
  get isDamaged(): boolean {
    return this.#file?.isDamaged ?? false;
  }

  /** All rows or, on an error, none. A row whose `seq` is there is passed over, so that a recovery can be repeated. */
  insert(rows: readonly EventRow[]): void {
    this.#database.exec("BEGIN");
    const insert = this.#database.prepare(INSERT);
    const insertWords = this.#database.prepare(INSERT_WORDS);
    try {
      for (const row of rows) {
        insert.run([...row, crc32(row[7])]);
        if (this.#database.getRowsModified() === 0) continue;
        const event: Event = JSON.parse(row[7]);
        const words = searchText(event);
        if (words !== "") insertWords.run([row[0], words]);
      }
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    } finally {
      insert.free();
      insertWords.free();
    }
  }

  query(query: RowQuery): [number, string][] {
    const { sql, parameters } = rowQuerySql(query);
    return this.select(sql, parameters, ([seq, body]) => [Number(seq), String(body)]);
  }

  find(eventIds: readonly string[]): FoundRow[] {
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

  /** Which layout of the tables it has. */
  format(): number {
    return Number(this.select("PRAGMA user_version", [], ([value]) => value)[0]);
  }

  /** Whether SQLite finds the structure sound (`PRAGMA integrity_check`). */
  isSound(): boolean {
    return this.select("PRAGMA integrity_check", [], ([value]) => value)[0] === "ok";
  }

  /** The database file's bytes, readable by any SQLite. */
  export(): Uint8Array {
    return this.#database.export();
  }

  close(): void {
    try {
      this.#database.close();
    } finally {
      this.#file?.[Symbol.dispose]();
    }
  }

  /** Rows of a statement of our own; values only ever travel as parameters. */
  select<T>(sql: string, parameters: (string | number)[], read: (row: SqlValue[]) => T): T[] {
    let statement: Statement | undefined;
    try {
      statement = this.#database.prepare(sql);
      statement.bind(parameters);
      const rows: T[] = [];
      while (statement.step()) rows.push(read(statement.get()));
      return rows;
    } catch (error) {
      // SQLite only says that it could not read; the file knows why.
      throw this.#file?.failure ?? error;
    } finally {
      statement?.free();
    }
  }
}
