/**
 * Owns handing what is stored to the worker, as the lines that are on disk: many together, since waking it for each takes
 * longer than its work, and before anything is asked of it. How far it may fall behind is decided here too: what waits for
 * it waits in memory.
 */
import type { Logger } from "../diagnostics/logger.ts";
import { type PartitionWorker, PartitionWorkerError } from "./partitionWorker.ts";

const MAX_BYTES_BEHIND = 16 * 1024 * 1024;

/** Lines are held back for so long, and so many bytes, at most. */
const HOLD_MS = 50;
const MAX_HELD_BYTES = 512 * 1024;

export class SearchFeed {
  readonly #worker: PartitionWorker;
  readonly #log: Logger;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  /** Of the held lines. */
  #partition = 0;
  #timer: NodeJS.Timeout | undefined;
  #bytesBehind = 0;
  #newest: Promise<void> = Promise.resolve();

  constructor(worker: PartitionWorker, log: Logger) {
    this.#worker = worker;
    this.#log = log;
    worker.beforeCalls(() => this.#handOver());
  }

  /** Every query that is made after the call sees the events. */
  push(partition: number, lines: Uint8Array): void {
    if (partition !== this.#partition) this.#handOver();
    this.#partition = partition;
    this.#held.push(lines);
    this.#heldBytes += lines.length;
    this.#bytesBehind += lines.length;
    if (this.#heldBytes >= MAX_HELD_BYTES) this.#handOver();
    // It may not keep a process alive: the journal has the events.
    else this.#timer ??= setTimeout(() => this.#handOver(), HOLD_MS).unref();
  }

  get hasRoom(): boolean {
    return this.#bytesBehind <= MAX_BYTES_BEHIND;
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    if (!this.hasRoom) await this.#newest;
  }

  #handOver(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#heldBytes === 0) return;
    // A piece of its own: of a view on a larger one the worker would get all.
    const lines = new Uint8Array(this.#heldBytes);
    let end = 0;
    for (const piece of this.#held) {
      lines.set(piece, end);
      end += piece.length;
    }
    this.#held = [];
    this.#heldBytes = 0;
    this.#newest = this.#worker
      .call("append", { partition: this.#partition, lines })
      .catch((error: unknown) => {
        // The journal has them, and the next start reads them from there.
        if (error instanceof PartitionWorkerError && error.code === "stopping") return;
        this.#log.error("Stored events could not be made searchable", { error });
      })
      .then(() => {
        this.#bytesBehind -= lines.length;
      });
  }
}
