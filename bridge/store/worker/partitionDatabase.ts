/** Owns one partition as a SQLite database in memory: its schema, its rows, its reads. */
import { crc32 } from "node:zlib";
import type { Database, SqlJsStatic, Statement } from "sql.js";
import type { EventRow, FoundRow, RowQuery } from "./messages.ts";
import { rowQuerySql } from "./rowQuery.ts";

/** `PRAGMA user_version`: the layout of the table. */
const PARTITION_FORMAT = 1;

/** Ids a look-up, below SQLite's limit of bound parameters. */
const IDS_PER_STATEMENT = 500;

/** `crc` is the CRC-32 of the body: a flipped bit in a file that nobody reads for weeks must not pass as an event. */
const SCHEMA = `
  PRAGMA journal_mode = MEMORY;
  PRAGMA user_version = ${PARTITION_FORMAT};
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    ts INTEGER NOT NULL,
    project TEXT NOT NULL,
    session TEXT,
    job TEXT,
    body TEXT NOT NULL,
    crc INTEGER NOT NULL
  );
  CREATE INDEX events_project ON events (project);
  CREATE INDEX events_session ON events (session) WHERE session IS NOT NULL;
  CREATE INDEX events_job ON events (job) WHERE job IS NOT NULL;
  CREATE INDEX events_type ON events (type);
`;

export interface PartitionSummary {
  readonly events: number;
  readonly oldestMs: number;
  readonly newestMs: number;
}

export class PartitionDatabase {
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
  }

  static create(sql: SqlJsStatic): PartitionDatabase {
    const database = new sql.Database();
    database.exec(SCHEMA);
    return new PartitionDatabase(database);
  }

  static open(sql: SqlJsStatic, bytes: Uint8Array): PartitionDatabase {
    return new PartitionDatabase(new sql.Database(bytes));
  }

  /** All rows or, on an error, none. A row whose `seq` is there is passed over, so that a recovery can be repeated. */
  insert(rows: readonly EventRow[]): void {
    this.#database.exec("BEGIN");
    const statement = this.#database.prepare(
      "INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (seq) DO NOTHING",
    );
    try {
      for (const row of rows) statement.run([...row, crc32(row[7])]);
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    } finally {
      statement.free();
    }
  }

  query(query: RowQuery): [number, string][] {
    const { sql, parameters } = rowQuerySql(query);
    return this.#read(sql, parameters, (statement) => {
      const [seq, body] = statement.get();
      return [Number(seq), String(body)];
    });
  }

  find(eventIds: readonly string[]): FoundRow[] {
    const found: FoundRow[] = [];
    for (let start = 0; start < eventIds.length; start += IDS_PER_STATEMENT) {
      const ids = eventIds.slice(start, start + IDS_PER_STATEMENT);
      const sql = `SELECT seq, event_id, body FROM events WHERE event_id IN (${ids.map(() => "?").join(",")})`;
      found.push(
        ...this.#read(sql, ids, (statement) => {
          const [seq, eventId, body] = statement.get();
          return { seq: Number(seq), eventId: String(eventId), body: String(body) };
        }),
      );
    }
    return found;
  }

  eventIds(): string[] {
    return this.#read("SELECT event_id FROM events ORDER BY seq", [], (statement) => String(statement.get()[0]));
  }

  summary(): PartitionSummary {
    const sql = "SELECT count(*), coalesce(min(ts), 0), coalesce(max(ts), 0) FROM events";
    const [summary] = this.#read(sql, [], (statement) => {
      const [events, oldestMs, newestMs] = statement.get();
      return { events: Number(events), oldestMs: Number(oldestMs), newestMs: Number(newestMs) };
    });
    return summary ?? { events: 0, oldestMs: 0, newestMs: 0 };
  }

  /** The event's JSON under a `seq`, if it can be read and is what was written. */
  wholeBody(seq: number): string | undefined {
    const [row] = this.#read("SELECT body, crc FROM events WHERE seq = ?", [seq], (statement) => statement.get());
    const [body, crc] = row ?? [];
    return typeof body === "string" && crc32(body) === crc ? body : undefined;
  }

  /** Whether SQLite finds the structure sound (`PRAGMA integrity_check`). */
  isSound(): boolean {
    return this.#read("PRAGMA integrity_check", [], (statement) => statement.get()[0])[0] === "ok";
  }

  /** The database file's bytes, readable by any SQLite. */
  export(): Uint8Array {
    return this.#database.export();
  }

  close(): void {
    this.#database.close();
  }

  #read<T>(sql: string, parameters: (string | number)[], read: (statement: Statement) => T): T[] {
    const statement = this.#database.prepare(sql);
    try {
      statement.bind(parameters);
      const rows: T[] = [];
      while (statement.step()) rows.push(read(statement));
      return rows;
    } finally {
      statement.free();
    }
  }
}
