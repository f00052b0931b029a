/** Owns a partition as a SQLite database: its reads. A sealed one is read from its file. */
import { crc32 } from "node:zlib";
import type { Database, SqlJsStatic, SqlValue, Statement } from "sql.js";
import type { FoundRow, RowQuery } from "./messages.ts";
import { PagedFile } from "./pagedFile.ts";
import { rowQuerySql } from "./rowQuery.ts";

/** Ids a look-up, below SQLite's limit of bound parameters. */
const IDS_PER_STATEMENT = 500;

/** Of a sealed partition that is open; the system keeps its file's pages as well. */
const CACHE_KILOBYTES = 256;

export interface PartitionSummary {
  readonly events: number;
  readonly oldestMs: number;
  readonly newestMs: number;
}

export class PartitionDatabase {
  protected readonly database: Database;
  /** Undefined for one that is in memory. */
  readonly #file: PagedFile | undefined;

  protected constructor(database: Database, file?: PagedFile) {
    this.database = database;
    this.#file = file;
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
    return this.#file?.isDamaged === true;
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

  close(): void {
    try {
      this.database.close();
    } finally {
      this.#file?.[Symbol.dispose]();
    }
  }

  /** Rows of a statement of our own; values only ever travel as parameters. */
  select<T>(sql: string, parameters: (string | number)[], read: (row: SqlValue[]) => T): T[] {
    let statement: Statement | undefined;
    const rows: T[] = [];
    try {
      statement = this.database.prepare(sql);
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

  #assertRead(): void {
    if (this.#file?.failure !== undefined) throw this.#file.failure;
    if (this.isDamaged) throw new Error("The partition's file is not what was written");
  }
}
