/**
 * Owns rewriting sealed partitions: weighing what may go, and drafts, which take over what stays, some rows a call, and
 * then take the place of the partitions that they were made from. Between two calls whatever else there is gets its turn.
 */
import type { SqlJsStatic } from "sql.js";
import { parseBody } from "../eventContent.ts";
import { GrowingPartition } from "./growingPartition.ts";
import type { RequestOf, ResponseOf } from "./messages.ts";
import type { OpenPartitions } from "./openPartitions.ts";
import type { PartitionDatabase } from "./partitionDatabase.ts";
import type { PartitionFiles } from "./partitionFiles.ts";
import { removalCondition } from "./removalSql.ts";

export class Rewriting {
  readonly #sql: SqlJsStatic;
  readonly #files: PartitionFiles;
  readonly #partitions: OpenPartitions;
  readonly #drafts = new Map<number, GrowingPartition>();

  constructor(sql: SqlJsStatic, files: PartitionFiles, partitions: OpenPartitions) {
    this.#sql = sql;
    this.#files = files;
    this.#partitions = partitions;
  }

  weigh({ partition, after, rows, removal }: RequestOf<"weigh">): ResponseOf<"weigh"> {
    const { sql, parameters } = removalCondition(removal);
    const [found] = this.#select(
      partition,
      `SELECT count(*), coalesce(sum(size), 0), coalesce(sum(goes), 0), coalesce(sum(size * goes), 0),
              coalesce(min(CASE WHEN goes THEN seq END), 0), coalesce(max(CASE WHEN goes THEN seq END), 0), max(seq)
       FROM (SELECT seq, length(body) AS size, ${sql} AS goes FROM events WHERE seq > ? ORDER BY seq LIMIT ?)`,
      [...parameters, after, rows],
      (values) => values.map(Number),
    );
    const [events = 0, bytes = 0, removableEvents = 0, removableBytes = 0, ...edges] = found ?? [];
    const [removableFrom = 0, removableTo = 0, last = 0] = edges;
    const weight = { events, bytes, removableEvents, removableBytes, removableFrom, removableTo };
    return { weight, next: events < rows ? null : last };
  }

  copy({ draft, isNew, partition, after, rows, removal }: RequestOf<"copy">): ResponseOf<"copy"> {
    const { sql, parameters } = removal === null ? { sql: "0", parameters: [] } : removalCondition(removal);
    const found = this.#select(
      partition,
      `SELECT seq, body, ${sql} FROM events WHERE seq > ? ORDER BY seq LIMIT ?`,
      [...parameters, after, rows],
      ([seq, body, goes]) => ({ seq: Number(seq), body: String(body), goes: goes === 1 }),
    );
    if (isNew) this.#drafts.set(draft, GrowingPartition.create(this.#sql));
    const database = this.#get(draft);
    const staying = found.filter(({ goes }) => !goes);
    database.insert(staying.map(({ seq, body }) => ({ seq, event: parseBody(body), body: Buffer.from(body) })));
    return { next: found.length < rows ? null : (found.at(-1)?.seq ?? null) };
  }

  finish({ draft, first, last, sealedAtMs, replaces }: RequestOf<"finishDraft">): ResponseOf<"finishDraft"> {
    const database = this.#get(draft);
    for (const partition of replaces) this.#partitions.close(partition);
    const sealed = this.#files.replace(replaces, database, { first, last, sealedAtMs });
    this.drop({ draft });
    return sealed;
  }

  drop({ draft }: RequestOf<"dropDraft">): null {
    this.#drafts.get(draft)?.close();
    this.#drafts.delete(draft);
    return null;
  }

  /** A thread that was started anew has lost it: what it would be made of from there on is not all that stays. */
  #get(draft: number): GrowingPartition {
    const database = this.#drafts.get(draft);
    if (database === undefined) throw new Error(`There is no draft ${draft}`);
    return database;
  }

  #select<T>(
    partition: number,
    sql: string,
    parameters: (string | number)[],
    read: Parameters<typeof PartitionDatabase.prototype.select<T>>[2],
  ): readonly T[] {
    return this.#partitions.read(partition, (database) => database.select(sql, parameters, read)) ?? [];
  }
}
