/** Owns what the worker holds open: the partitions that grow, in memory, and the few sealed ones that were read last. */
import type { SqlJsStatic } from "sql.js";
import type { RequestOf, ResponseOf } from "./messages.ts";
import { PartitionDatabase } from "./partitionDatabase.ts";
import type { PartitionFiles } from "./partitionFiles.ts";

export class OpenPartitions {
  readonly #sql: SqlJsStatic;
  readonly #files: PartitionFiles;
  readonly #maxOpen: number;
  /** Not sealed yet: what the journal holds. */
  readonly #growing = new Map<number, PartitionDatabase>();
  /** Sealed; the one that was used last stands last. */
  readonly #sealed = new Map<number, PartitionDatabase>();

  constructor(sql: SqlJsStatic, files: PartitionFiles, maxOpen: number) {
    this.#sql = sql;
    this.#files = files;
    this.#maxOpen = maxOpen;
  }

  append({ partition, rows }: RequestOf<"append">): null {
    let database = this.#growing.get(partition);
    if (database === undefined) {
      database = PartitionDatabase.create(this.#sql);
      this.#growing.set(partition, database);
    }
    database.insert(rows);
    return null;
  }

  seal({ partition, last, sealedAtMs }: RequestOf<"seal">): ResponseOf<"seal"> {
    const database = this.#growing.get(partition);
    if (database === undefined) throw new Error(`There is no partition ${partition} in memory to seal`);
    const sealed = this.#files.write(database, partition, last, sealedAtMs);
    this.#growing.delete(partition);
    this.#keep(partition, database);
    return sealed;
  }

  query({ partition, query }: RequestOf<"query">): ResponseOf<"query"> {
    return this.#get(partition)?.query(query) ?? [];
  }

  find({ partition, eventIds }: RequestOf<"find">): ResponseOf<"find"> {
    return this.#get(partition)?.find(eventIds) ?? [];
  }

  /** Forgets a partition that is about to lose its file. */
  close(partition: number): void {
    this.#sealed.get(partition)?.close();
    this.#sealed.delete(partition);
  }

  #get(partition: number): PartitionDatabase | undefined {
    const growing = this.#growing.get(partition);
    if (growing !== undefined) return growing;
    const open = this.#sealed.get(partition) ?? this.#files.read(partition);
    if (open !== undefined) this.#keep(partition, open);
    return open;
  }

  #keep(partition: number, database: PartitionDatabase): void {
    this.#sealed.delete(partition);
    this.#sealed.set(partition, database);
    for (const oldest of this.#sealed.keys()) {
      if (this.#sealed.size <= this.#maxOpen) break;
      this.close(oldest);
    }
  }
}
