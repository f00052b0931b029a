/** Owns handing stored rows to the worker, and how far it may fall behind: what waits for it waits in memory. */
import type { Logger } from "../diagnostics/logger.ts";
import { type PartitionWorker, PartitionWorkerError } from "./partitionWorker.ts";
import type { EventRow } from "./worker/messages.ts";

const MAX_CHARACTERS_BEHIND = 16 * 1024 * 1024;

export class SearchFeed {
  readonly #worker: PartitionWorker;
  readonly #log: Logger;
  #charactersBehind = 0;
  #newest: Promise<void> = Promise.resolve();

  constructor(worker: PartitionWorker, log: Logger) {
    this.#worker = worker;
    this.#log = log;
  }

  /** Posts rows at once: every query that is made after the call sees them. */
  push(partition: number, rows: readonly EventRow[]): void {
    const characters = rows.reduce((sum, row) => sum + row[7].length, 0);
    this.#charactersBehind += characters;
    this.#newest = this.#worker
      .call("append", { partition, rows })
      .catch((error: unknown) => {
        // The journal has them, and the next start reads them from there.
        if (error instanceof PartitionWorkerError && error.code === "stopping") return;
        this.#log.error("Stored events could not be made searchable", { error });
      })
      .then(() => {
        this.#charactersBehind -= characters;
      });
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    if (this.#charactersBehind > MAX_CHARACTERS_BEHIND) await this.#newest;
  }
}
