/**
 * Owns the thread that writes and syncs. Node's own way takes two trips through a pool of threads to get an event on disk;
 * this one takes a single trip, and still no disk, however slow, holds up the event loop.
 */
import { Worker } from "node:worker_threads";

/** What of the shared memory means what: 32-bit words, then the position as a 64-bit float, then the bytes. */
const POSITION_OFFSET = 16;
const BYTES_OFFSET = 64;
/** More than a group commit usually has; longer writes go in pieces. */
const MAX_PIECE_BYTES = 256 * 1024;

const WORD = { state: 0, file: 1, length: 2, sync: 3 } as const;
const STATE = { idle: 0, asked: 1, stop: 2 } as const;

/**
 * The thread's program. It waits on the shared word `state` instead of its event loop, which is the shorter way, and
 * answers by a message. Kept as text, since a file of its own would have to be found by every bundle that has a store.
 */
const PROGRAM = `
  const { fdatasyncSync, writeSync } = require("node:fs");
  const { parentPort, workerData } = require("node:worker_threads");
  const words = new Int32Array(workerData, 0, 4);
  const position = new Float64Array(workerData, ${POSITION_OFFSET}, 1);
  const bytes = new Uint8Array(workerData, ${BYTES_OFFSET});
  const attempt = (run) => {
    try {
      run();
    } catch ({ message, code, syscall, errno }) {
      return { message, code, syscall, errno };
    }
  };
  for (;;) {
    Atomics.wait(words, ${WORD.state}, ${STATE.idle});
    if (Atomics.load(words, ${WORD.state}) === ${STATE.stop}) break;
    Atomics.store(words, ${WORD.state}, ${STATE.idle});
    const [, file, length, sync] = words;
    const written = attempt(() => {
      for (let done = 0; done < length; ) done += writeSync(file, bytes, done, length - done, position[0] + done);
    });
    // A sync behind a failed write would prove nothing.
    const synced = written ?? (sync === 0 ? undefined : attempt(() => fdatasyncSync(file)));
    // Nothing is the cheapest thing to send, and what is sent nearly always.
    parentPort.postMessage(synced === undefined ? null : { written, synced });
  }`;

interface SystemError {
  readonly message: string;
  readonly code: string;
  readonly syscall: string;
  readonly errno: number;
}

/** What went wrong. Without a write, the sync failed alone. */
interface Failure {
  readonly written: SystemError | undefined;
  readonly synced: SystemError;
}

interface Outcome {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A write, a sync, or a write and the sync of it. */
interface Task {
  readonly file: number;
  readonly bytes: Uint8Array;
  readonly position: number;
  /** Bytes of it that are written. */
  done: number;
  write: Outcome | undefined;
  sync: Outcome | undefined;
}

const NOTHING = new Uint8Array(0);

export class WriterThread {
  readonly #memory = new SharedArrayBuffer(BYTES_OFFSET + MAX_PIECE_BYTES);
  readonly #words = new Int32Array(this.#memory, 0, 4);
  readonly #position = new Float64Array(this.#memory, POSITION_OFFSET, 1);
  readonly #bytes = new Uint8Array(this.#memory, BYTES_OFFSET);
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #tasks: Task[] = [];
  #isAsked = false;
  #isStopping = false;
  #failure: Error | undefined;

  constructor() {
    this.#worker = new Worker(PROGRAM, {
      eval: true,
      workerData: this.#memory,
      resourceLimits: { maxYoungGenerationSizeMb: 1 },
    });
    this.#worker.on("message", (failure: Failure | null) => this.#take(failure));
    this.#worker.on("error", (error) => {
      this.#failure = error;
    });
    // From the beginning, since a thread that died can be stopped as well.
    this.#exited = new Promise((resolve) => {
      this.#worker.on("exit", (code) => {
        this.#died(code);
        resolve();
      });
    });
  }

  /** Writes at a position. `file` is a descriptor. Rejects with what the system says. */
  write(file: number, bytes: Uint8Array, position: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#add({ file, bytes, position, done: 0, write: { resolve, reject }, sync: undefined });
    });
  }

  /** Syncs what was written before the call: with the write that was asked for last, in the same trip, when it waits. */
  sync(file: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const last = this.#tasks.at(-1);
      const isOpen = last !== undefined && last.file === file && last.sync === undefined;
      if (isOpen && !(this.#isAsked && last === this.#tasks[0])) last.sync = { resolve, reject };
      else this.#add({ file, bytes: NOTHING, position: 0, done: 0, write: undefined, sync: { resolve, reject } });
    });
  }

  /** Ends the thread once it has done what it was asked for. */
  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#begin();
    await this.#exited;
  }

  #add(task: Task): void {
    if (this.#failure !== undefined || this.#isStopping) {
      const error = this.#failure ?? new Error("The journal's thread is stopping");
      task.write?.reject(error);
      task.sync?.reject(error);
      return;
    }
    this.#tasks.push(task);
    // A sync that is asked for in the same turn goes with it.
    if (this.#tasks.length === 1) queueMicrotask(() => this.#begin());
  }

  #begin(): void {
    if (this.#isAsked) return;
    const task = this.#tasks[0];
    if (task === undefined) {
      if (this.#isStopping) this.#ask(STATE.stop);
      return;
    }
    const piece = task.bytes.subarray(task.done, task.done + MAX_PIECE_BYTES);
    const isLast = task.done + piece.length === task.bytes.length;
    this.#bytes.set(piece);
    this.#words[WORD.file] = task.file;
    this.#words[WORD.length] = piece.length;
    this.#words[WORD.sync] = isLast && task.sync !== undefined ? 1 : 0;
    this.#position[0] = task.position + task.done;
    task.done += piece.length;
    this.#isAsked = true;
    this.#ask(STATE.asked);
  }

  #ask(state: number): void {
    Atomics.store(this.#words, WORD.state, state);
    Atomics.notify(this.#words, WORD.state);
  }

  #take(failure: Failure | null): void {
    this.#isAsked = false;
    const task = this.#tasks[0];
    if (task === undefined) return;
    if (failure === null && task.done < task.bytes.length) {
      this.#begin();
      return;
    }
    this.#tasks.shift();
    settle(task.write, failure?.written);
    settle(task.sync, failure?.synced);
    this.#begin();
  }

  /** What it had in hand may be on disk or not. */
  #died(code: number): void {
    const error = this.#failure ?? new Error(`The journal's thread ended with code ${code}`);
    this.#failure = error;
    for (const { write, sync } of this.#tasks.splice(0)) {
      write?.reject(error);
      sync?.reject(error);
    }
  }
}

function settle(outcome: Outcome | undefined, failed: SystemError | undefined): void {
  if (failed === undefined) outcome?.resolve();
  else outcome?.reject(Object.assign(new Error(failed.message), failed));
}
