/** Owns what the worker holds open: the partitions that grow, in memory, and the sealed ones that were read last. */
import type { SqlJsStatic } from "sql.js";
import { readLines } from "../journal/journalRecord.ts";
import { GrowingPartition } from "./growingPartition.ts";
import type { RequestOf, ResponseOf } from "./messages.ts";
import type { PartitionDatabase } from "./partitionDatabase.ts";
import type { PartitionFiles } from "./partitionFiles.ts";

export class OpenPartitions {
  readonly #sql: SqlJsStatic;
  readonly #files: PartitionFiles;
  readonly #maxOpen: number;
  /** Not sealed yet: what the journal holds. */
  readonly #growing = new Map<number, GrowingPartition>();
  /** Sealed; the one that was used last stands last. */
  readonly #sealed = new Map<number, PartitionDatabase>();

  constructor(sql: SqlJsStatic, files: PartitionFiles, maxOpen: number) {
    this.#sql = sql;
    this.#files = files;
    this.#maxOpen = maxOpen;
  }

  append({ partition, lines }: RequestOf<"append">): null {
    let database = this.#growing.get(partition);
    if (database === undefined) {
      database = GrowingPartition.create(this.#sql);
      this.#growing.set(partition, database);
    }
    database.insert(readLines(lines));
    return null;
  }

  seal({ partition, last, events, sealedAtMs }: RequestOf<"seal">): ResponseOf<"seal"> {
    const database = this.#growing.get(partition);
    if (database === undefined) throw new Error(`There is no partition ${partition} in memory to seal`);
    if (database.events !== events) {
      throw new Error(`The partition ${partition} has ${database.events} of its ${events} events in memory`);
    }
    const sealed = this.#files.write(database, partition, last, sealedAtMs);
    this.#growing.delete(partition);
    // From now on it costs what is read of its file.
    database.close();
    return sealed;
  }

  query({ partition, query }: RequestOf<"query">): ResponseOf<"query"> {
    return this.read(partition, (database) => database.query(query)) ?? [];
  }

  find({ partition, eventIds }: RequestOf<"find">): ResponseOf<"find"> {
    return this.read(partition, (database) => database.find(eventIds)) ?? [];
  }

  /** Forgets a partition that is about to lose its file. */
  close(partition: number): void {
    this.#sealed.get(partition)?.close();
    this.#sealed.delete(partition);
  }

  /** Undefined when there is no such partition. What is read of a damaged one is read again from what was whole in it. */
  read<T>(partition: number, read: (database: PartitionDatabase) => T): T | undefined {
    const growing = this.#growing.get(partition);
    if (growing !== undefined) return read(growing);
    const open = this.#sealed.get(partition) ?? this.#files.open(partition);
    if (open === undefined) {
      const merged = this.#files.mergedInto(partition);
      return merged === undefined ? undefined : this.read(merged, read);
    }
    this.#keep(partition, open);
    try {
      return read(open);
    } catch (error) {
      if (!open.isDamaged) throw error;
    }
    this.close(partition);
    this.#files.rescue(partition);
    const mended = this.#files.open(partition);
    if (mended === undefined) return undefined;
    this.#keep(partition, mended);
    return read(mended);
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
