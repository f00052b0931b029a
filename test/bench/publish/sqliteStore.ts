/**
 * Owns the store that one would write with better-sqlite3: our own tables and indexes, one durable transaction an event
 * (`journal_mode=WAL, synchronous=FULL`: the commit returns after the fsync of the log).
 */
import { crc32 } from "node:zlib";
import { eventRow } from "../../../bridge/store/eventRow.ts";
import { searchText } from "../../../bridge/store/searchText.ts";
import { PARTITION_INDEXES, PARTITION_TABLES } from "../../../bridge/store/worker/partitionSchema.ts";
import type { Event } from "../../../shared/events/event.ts";

/** What we use of better-sqlite3, which is installed for the benchmarks alone. */
interface Statement {
  run(...values: unknown[]): { readonly lastInsertRowid: number | bigint };
}

interface Connection {
  exec(sql: string): void;
  pragma(text: string): unknown;
  prepare(sql: string): Statement;
  transaction<A extends unknown[]>(run: (...values: A) => void): (...values: A) => void;
  close(): void;
}

type Open = new (file: string) => Connection;

const SEARCH_TABLE = /CREATE VIRTUAL TABLE search[^;]*;/;

export class SqliteStore {
  readonly #connection: Connection;
  readonly #append: (event: Event) => void;
  #lastSeq = 0;

  constructor(requirePeer: NodeJS.Require, file: string, hasSearch: boolean) {
    const BetterSqlite3: Open = requirePeer("better-sqlite3");
    this.#connection = new BetterSqlite3(file);
    this.#connection.pragma("journal_mode = WAL");
    this.#connection.pragma("synchronous = FULL");
    this.#connection.exec(hasSearch ? PARTITION_TABLES : PARTITION_TABLES.replace(SEARCH_TABLE, ""));
    this.#connection.exec(PARTITION_INDEXES);
    const insert = this.#connection.prepare("INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?)");
    const row = (event: Event) => {
      const body = JSON.stringify(event);
      return [...eventRow(++this.#lastSeq, event, body), crc32(body)];
    };
    if (!hasSearch) {
      // One statement is a transaction of its own.
      this.#append = (event) => void insert.run(...row(event));
      return;
    }
    const insertWords = this.#connection.prepare("INSERT INTO search (docid, words) VALUES (?,?)");
    this.#append = this.#connection.transaction((event: Event) => {
      insert.run(...row(event));
      // A number would be bound as a REAL, which is no docid.
      insertWords.run(BigInt(this.#lastSeq), searchText(event));
    });
  }

  append(event: Event): void {
    this.#append(event);
  }

  close(): void {
    this.#connection.close();
  }
}
