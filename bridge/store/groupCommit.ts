/**
 * Owns group commit: one write and one sync are in flight at a time, and whatever arrives meanwhile is the next batch.
 * One sync then pays for as many events as arrived during the one before it. The disk does not wait for what follows from
 * a batch: the next one is with it while the last one is told.
 */

/** What is written for one event, or for the bus's place alone. */
export interface CommitEntry {
  readonly line: string;
}

export interface GroupCommitOptions<E extends CommitEntry> {
  /** Resolves when the bytes are on disk. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Of a batch that is on disk: whether the next one can be written at once, and `afterBatch` has nothing to do in between. */
  readonly mayFollow: (batch: readonly E[], bytes: Uint8Array) => boolean;
  /**
   * Called with a batch that is on disk and what was written of it, before those who wait for it are told. The next batch
   * may be on its way to the disk by then.
   */
  readonly onCommitted: (batch: readonly E[], bytes: Uint8Array) => void;
  /** Called when a write failed: nothing of what was enqueued is on disk; turns the cause into what the callers are told. */
  readonly onFailed: (error: unknown) => Error;
  /** Runs after a batch that the next one has to wait for. */
  readonly afterBatch: () => Promise<void>;
}

/** Largest batch: keeps one sync, and what follows from it, short. */
const MAX_BATCH_ENTRIES = 4_000;
const MAX_BATCH_CHARACTERS = 4 * 1024 * 1024;

/** A batch that is on its way to the disk. */
interface Writing<E> {
  readonly batch: readonly E[];
  readonly bytes: Uint8Array;
  /** Never rejects: nobody may be waiting yet when it fails. */
  readonly written: Promise<{ readonly failure?: { readonly cause: unknown } }>;
}

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
    let writing: Writing<E> | undefined;
    for (;;) {
      const task = writing === undefined ? this.#tasks.shift() : undefined;
      if (task !== undefined) {
        await task();
        continue;
      }
      writing ??= this.#write();
      if (writing === undefined) break;
      writing = await this.#commit(writing);
    }
    this.#running = undefined;
  }

  /** Begins to write what waits. */
  #write(): Writing<E> | undefined {
    const batch = this.#takeBatch();
    if (batch.length === 0) return undefined;
    const bytes = Buffer.from(batch.map(({ line }) => line).join(""));
    return { batch, bytes, written: outcomeOf(this.#options.write(bytes)) };
  }

  /** Resolves when a batch is told; answers the next one where that is being written already. */
  async #commit({ batch, bytes, written }: Writing<E>): Promise<Writing<E> | undefined> {
    const { failure } = await written;
    if (failure !== undefined) {
      this.#fail(failure.cause);
      return undefined;
    }
    const mayGoOn = this.#tasks.length === 0 && this.#options.mayFollow(batch, bytes);
    const next = mayGoOn ? this.#write() : undefined;
    // The disk is asked at the end of this turn, and what follows would keep it waiting.
    if (next !== undefined) await Promise.resolve();
    this.#committed += batch.length;
    this.#options.onCommitted(batch, bytes);
    const waiting = this.#waiters.findIndex(({ position }) => position > this.#committed);
    const told = this.#waiters.splice(0, waiting === -1 ? this.#waiters.length : waiting);
    for (const { resolve } of told) resolve();
    if (!mayGoOn) await this.#options.afterBatch();
    return next;
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

function outcomeOf(written: Promise<void>): Writing<never>["written"] {
  return written.then(
    () => ({}),
    (cause: unknown) => ({ failure: { cause } }),
  );
}
