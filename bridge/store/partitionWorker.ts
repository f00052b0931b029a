/**
 * Owns the worker thread from the main thread's side: typed calls, answered in order. A thread that dies (out of memory,
 * say) is started again and gets back from the journal what it held; calls wait for that and are made again.
 */
import { Worker } from "node:worker_threads";
import type { Logger } from "../diagnostics/logger.ts";
import type {
  Operation,
  ReplyMessage,
  RequestMessage,
  RequestOf,
  ResponseOf,
  SealedPartition,
  WorkerOptions,
} from "./worker/messages.ts";

/** Thrown when the worker answers a call with an error; `code` is the system's, such as `ENOSPC`. */
export class PartitionWorkerError extends Error {
  readonly code: string;

  constructor(operation: Operation | "thread", message: string, code = "worker_error") {
    super(`The event store's ${operation} failed: ${message}`);
    this.name = "PartitionWorkerError";
    this.code = code;
  }
}

/** More deaths than this within the window, and the thread stays down. */
const MAX_RESTARTS = 3;
const RESTART_WINDOW_MS = 60_000;
/** Each has a descriptor and a quarter of a megabyte of pages at most; opening another one reads three or four. */
const MAX_OPEN_PARTITIONS = 8;

export type Damage = Extract<ReplyMessage, { damaged: unknown }>["damaged"];

export interface PartitionWorkerOptions {
  readonly workerFile: string;
  readonly wasmFile: string;
  /** Where the sealed partitions are. */
  readonly directory: string;
  readonly log: Logger;
  readonly nowMs: () => number;
  /** Fills a new thread's memory after a death: called with a function that adds lines of the journal. */
  readonly reload: (append: (partition: number, lines: Uint8Array) => Promise<void>) => Promise<void>;
  readonly firstSeq: () => number;
  readonly onDamaged: (damage: Damage) => void;
  /** The thread stays down. */
  readonly onFailed: (error: Error) => void;
}

interface PendingCall {
  readonly operation: Operation;
  readonly resolve: (response: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The thread died with the call in it. */
class WorkerDiedError extends Error {}

export class PartitionWorker {
  readonly #options: PartitionWorkerOptions;
  readonly #pending = new Map<number, PendingCall>();
  readonly #deaths: number[] = [];
  #worker: Worker | undefined;
  #nextId = 1;
  /** Set while a new thread is filled: calls wait for it. */
  #restarting: Promise<void> | undefined;
  #failure: Error | undefined;
  #isKeptAlive = false;
  #isStopping = false;
  #handOver: () => void = () => undefined;

  constructor(options: PartitionWorkerOptions) {
    this.#options = options;
  }

  /** Starts the thread; answers what is sealed. `inJournal`: the partitions that the journal has. */
  async start(inJournal: readonly number[]): Promise<readonly SealedPartition[]> {
    this.#spawn();
    return this.#list(inJournal);
  }

  /** From now on a thread that dies is started again: what it held can be read back. */
  keepAlive(): void {
    this.#isKeptAlive = true;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#worker?.terminate();
  }

  /** `handOver` is run before each call but `append`, so that whoever holds rows back appends them first. */
  beforeCalls(handOver: () => void): void {
    this.#handOver = handOver;
  }

  /** @throws PartitionWorkerError */
  call<K extends Operation>(operation: K, request: RequestOf<K>): Promise<ResponseOf<K>> {
    if (operation !== "append") this.#handOver();
    // Posted at once when it can be: a later call must not overtake it.
    const first =
      this.#restarting === undefined ? this.#post(operation, request) : this.#afterRestart(operation, request);
    return first.catch((error: unknown) => {
      if (error instanceof WorkerDiedError) return this.#afterRestart(operation, request);
      throw error;
    });
  }

  async #afterRestart<K extends Operation>(operation: K, request: RequestOf<K>): Promise<ResponseOf<K>> {
    // The new thread may die as well before it is filled.
    while (this.#restarting !== undefined) await this.#restarting;
    return this.#post(operation, request);
  }

  #post<K extends Operation>(operation: K, request: RequestOf<K>): Promise<ResponseOf<K>> {
    const worker = this.#worker;
    if (worker === undefined || this.#isStopping) {
      return Promise.reject(this.#failure ?? new PartitionWorkerError(operation, "the store is stopping", "stopping"));
    }
    const id = this.#nextId++;
    return new Promise<ResponseOf<K>>((resolve, reject) => {
      // The worker answers an operation with its own response, by the types of `messages.ts`.
      this.#pending.set(id, { operation, resolve: (response) => resolve(response as ResponseOf<K>), reject });
      worker.postMessage({ id, kind: operation, request } as RequestMessage);
    });
  }

  #spawn(): Worker {
    const { workerFile, wasmFile, directory } = this.#options;
    const workerData: WorkerOptions = { directory, wasmFile, maxOpenPartitions: MAX_OPEN_PARTITIONS };
    const worker = new Worker(workerFile, { workerData, resourceLimits: { maxYoungGenerationSizeMb: 4 } });
    let cause: Error | undefined;
    worker.on("message", (message: ReplyMessage) => this.#receive(message));
    worker.on("error", (error: Error) => {
      cause = error;
    });
    worker.on("exit", (code) => this.#died(worker, cause ?? new Error(`it ended with code ${code}`)));
    this.#worker = worker;
    return worker;
  }

  #receive(message: ReplyMessage): void {
    if ("damaged" in message) {
      this.#options.onDamaged(message.damaged);
      return;
    }
    const call = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if ("response" in message) call?.resolve(message.response);
    else call?.reject(new PartitionWorkerError(call.operation, message.error.message, message.error.code));
  }

  #died(worker: Worker, cause: Error): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    const calls = [...this.#pending.values()];
    this.#pending.clear();
    if (!this.#isStopping) this.#planRestart(cause);
    const error = this.#failure ?? new WorkerDiedError(`The event store's thread died: ${cause.message}`, { cause });
    for (const { reject } of calls) reject(error);
  }

  #planRestart(cause: Error): void {
    const { log, nowMs, onFailed } = this.#options;
    if (!this.#isKeptAlive) {
      this.#failure = new PartitionWorkerError("thread", `it died at the start: ${cause.message}`);
      return;
    }
    const now = nowMs();
    this.#deaths.push(now);
    const recent = this.#deaths.filter((time) => now - time < RESTART_WINDOW_MS);
    if (recent.length > MAX_RESTARTS) {
      const failure = new PartitionWorkerError(
        "thread",
        `it died ${recent.length} times in a minute: ${cause.message}`,
      );
      this.#failure = failure;
      onFailed(failure);
      return;
    }
    log.error("The event store's thread died and is started again", { cause });
    const restarting = this.#restart().finally(() => {
      // Where the new thread has died too, calls wait for the one after it.
      if (this.#restarting === restarting) this.#restarting = undefined;
    });
    this.#restarting = restarting;
  }

  async #restart(): Promise<void> {
    const worker = this.#spawn();
    try {
      await this.#list([]);
      await this.#options.reload(async (partition, lines) => {
        await this.#post("append", { partition, lines });
      });
    } catch (error) {
      this.#options.log.error("The event store's thread could not be filled again", { error });
      // It would answer as if the events that it lacks were not there.
      await worker.terminate();
    }
  }

  async #list(inJournal: readonly number[]): Promise<readonly SealedPartition[]> {
    return (await this.#post("open", { firstSeq: this.#options.firstSeq(), inJournal })).partitions;
  }
}
