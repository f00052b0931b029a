/**
 * Owns group commit: one write and one sync are in flight at a time, and whatever arrives meanwhile is the next batch.
 * One sync then pays for as many events as arrived during the one before it.
 */

/** What is written for one event, or for the bus's place alone. */
export interface CommitEntry {
  readonly line: string;
}

export interface GroupCommitOptions<E extends CommitEntry> {
  /** Resolves when the bytes are on disk. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Called with a batch that is on disk and what was written of it, before those who wait for it are told. */
  readonly onCommitted: (batch: readonly E[], bytes: Uint8Array) => void;
  /** Called when a write failed: nothing of what was enqueued is on disk; turns the cause into what the callers are told. */
  readonly onFailed: (error: unknown) => Error;
  /** Runs after each batch, before the next one is written. */
  readonly afterBatch: () => Promise<void>;
}

/** Largest batch: keeps one sync, and what follows from it, short. */
const MAX_BATCH_ENTRIES = 4_000;
const MAX_BATCH_CHARACTERS = 4 * 1024 * 1024;

interface Waiter {
  readonly position: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class GroupCommit<E extends CommitEntry> {
  readonly #options: GroupCommitOptions<E>;
  #pending: E[] = [];
  #waiters: Waiter[] = [];
  #tasks: (() => Promise<void>)[] = [];
  #enqueued = 0;
  #committed = 0;
  #running: Promise<void> | undefined;

  constructor(options: GroupCommitOptions<E>) {
    this.#options = options;
  }

  /** Resolves when these entries, and all that were enqueued before them, are on disk. */
  enqueue(entries: readonly E[]): Promise<void> {
    for (const entry of entries) this.#pending.push(entry);
    this.#enqueued += entries.length;
    if (this.#committed === this.#enqueued) return Promise.resolve();
    const done = new Promise<void>((resolve, reject) => {
      this.#waiters.push({ position: this.#enqueued, resolve, reject });
    });
    this.#wake();
    return done;
  }

  /** Runs something between two batches, while nothing is being written. */
  between<T>(task: () => Promise<T>): Promise<T> {
    const done = new Promise<T>((resolve, reject) => {
      this.#tasks.push(() => task().then(resolve, reject));
    });
    this.#wake();
    return done;
  }

  /** Resolves when nothing is waiting any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  #wake(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // Whoever else appends in this turn of the event loop is in the first batch.
    await Promise.resolve();
    for (;;) {
      const task = this.#tasks.shift();
      if (task !== undefined) {
        await task();
        continue;
      }
      const batch = this.#takeBatch();
      if (batch.length === 0) break;
      await this.#commit(batch);
    }
    this.#running = undefined;
  }

  async #commit(batch: readonly E[]): Promise<void> {
    const bytes = Buffer.from(batch.map(({ line }) => line).join(""));
    try {
      await this.#options.write(bytes);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#committed += batch.length;
    this.#options.onCommitted(batch, bytes);
    const next = this.#waiters.findIndex(({ position }) => position > this.#committed);
    const told = this.#waiters.splice(0, next === -1 ? this.#waiters.length : next);
    for (const { resolve } of told) resolve();
    await this.#options.afterBatch();
  }

  #fail(error: unknown): void {
    this.#pending = [];
    this.#committed = this.#enqueued;
    const told = this.#waiters;
    this.#waiters = [];
    const reason = this.#options.onFailed(error);
    for (const { reject } of told) reject(reason);
  }

  #takeBatch(): E[] {
    let size = 0;
    let characters = 0;
    for (const { line } of this.#pending) {
      if (size === MAX_BATCH_ENTRIES || (size > 0 && characters + line.length > MAX_BATCH_CHARACTERS)) break;
      size++;
      characters += line.length;
    }
    return this.#pending.splice(0, size);
  }
}
