/**
 * Owns handing stored rows to the worker: together, since waking it for each takes longer than its work, and before anything
 * is asked of it. How far it may fall behind is decided here too: what waits for it waits in memory.
 */
import type { Logger } from "../diagnostics/logger.ts";
import { type PartitionWorker, PartitionWorkerError } from "./partitionWorker.ts";
import type { EventRow } from "./worker/messages.ts";

const MAX_CHARACTERS_BEHIND = 16 * 1024 * 1024;

/** Rows are held back for so long, and so many, at most. */
const HOLD_MS = 10;
const MAX_HELD_ROWS = 256;

export class SearchFeed {
  readonly #worker: PartitionWorker;
  readonly #log: Logger;
  #held: EventRow[] = [];
  /** Of the held rows. */
  #partition = 0;
  #timer: NodeJS.Timeout | undefined;
  #charactersBehind = 0;
  #newest: Promise<void> = Promise.resolve();

  constructor(worker: PartitionWorker, log: Logger) {
    this.#worker = worker;
    this.#log = log;
    worker.beforeCalls(() => this.#handOver());
  }

  /** Every query that is made after the call sees the rows. */
  push(partition: number, rows: readonly EventRow[]): void {
    if (partition !== this.#partition) this.#handOver();
    this.#partition = partition;
    for (const row of rows) {
      this.#held.push(row);
      this.#charactersBehind += row[7].length;
    }
    const isMuch = this.#held.length >= MAX_HELD_ROWS || this.#charactersBehind > MAX_CHARACTERS_BEHIND;
    if (isMuch) this.#handOver();
    // It may not keep a process alive: the journal has the rows.
    else this.#timer ??= setTimeout(() => this.#handOver(), HOLD_MS).unref();
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    if (this.#charactersBehind > MAX_CHARACTERS_BEHIND) await this.#newest;
  }

  #handOver(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const rows = this.#held;
    if (rows.length === 0) return;
    this.#held = [];
    const characters = rows.reduce((sum, row) => sum + row[7].length, 0);
    this.#newest = this.#worker
      .call("append", { partition: this.#partition, rows })
      .catch((error: unknown) => {
        // The journal has them, and the next start reads them from there.
        if (error instanceof PartitionWorkerError && error.code === "stopping") return;
        this.#log.error("Stored events could not be made searchable", { error });
      })
      .then(() => {
        this.#charactersBehind -= characters;
      });
  }
}
