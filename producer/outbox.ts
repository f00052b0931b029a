/**
 * Owns what was told and the bridge has not taken yet: keeps it in order, bounded, and gives it over as many connections as it
 * takes. Each event has its id and each byte of a log its offset, so what is given twice counts once.
 */
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { isPassing } from "../shared/client/awaitDecision.ts";
import type { BridgeSocket } from "../shared/client/bridgeSocket.ts";
import type { EventInput } from "../shared/events/event.ts";
import { ProblemError } from "../shared/protocol/problem.ts";
import { BufferFullError, EndedError, UndeliveredError } from "./errors.ts";
import { unawaited } from "./unawaited.ts";

/** After a try that failed; the socket itself looks for the bridge with a back-off of its own. */
const RETRY_MS = 250;

/** Most items that are on their way at once, and most bytes of a log in one of them. */
const MAX_IN_FLIGHT = 500;
const LOG_PIECE_BYTES = 256 * 1024;

/** A job's log as far as it was told: the next bytes begin where it ends. */
export interface JobLog {
  readonly jobId: string;
  size: number;
}

interface Item {
  readonly kind: "event" | "log";
  /** What it takes of the bound. */
  readonly bytes: number;
  /** Gives it to the bridge; resolves with an event's `seq`. */
  readonly send: () => Promise<number | null>;
}

interface Waiting extends Item {
  readonly taken: Promise<number | null>;
  readonly resolve: (seq: number | null) => void;
  readonly reject: (error: unknown) => void;
}

export interface OutboxOptions {
  readonly socket: Pick<BridgeSocket, "publish" | "log" | "stop">;
  readonly maxWaitingBytes: number;
  readonly onError: (error: unknown) => void;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #stopping = new AbortController();
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #isEnded = false;
  #delivering: Promise<void> | undefined;
  #pausing: AbortController | undefined;
  #lastFailure = "it was not reached in time";

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Resolves with the event's `seq` once the bridge has it. Need not be awaited: a failure is told to `onError` as well. */
  addEvent(event: EventInput): Promise<number | null> {
    const bytes = Buffer.byteLength(JSON.stringify(event));
    return this.#add("event", bytes, () => () => this.#publish(event));
  }

  /** The same for what a job printed. */
  addLog(log: JobLog, bytes: Uint8Array): Promise<void> {
    const pieces: Promise<unknown>[] = [];
    for (let start = 0; start < bytes.byteLength; start += LOG_PIECE_BYTES) {
      const piece = bytes.slice(start, start + LOG_PIECE_BYTES);
      const begin = () => {
        const offset = log.size;
        log.size += piece.byteLength;
        return () => this.#options.socket.log(log.jobId, piece, offset).then(() => null);
      };
      pieces.push(this.#add("log", piece.byteLength, begin));
    }
    return unawaited(Promise.all(pieces).then(() => undefined));
  }

  /** Resolves when all that waits by now was taken or refused. */
  async flush(): Promise<void> {
    await Promise.allSettled(this.#waiting.map(({ taken }) => taken));
  }

  /** Tries at once: there is a connection. */
  retryNow(): void {
    this.#pausing?.abort();
  }

  /** Takes nothing more, gives the bridge so long for the rest, and closes the socket. @throws UndeliveredError */
  async close(timeoutMs: number): Promise<void> {
    this.#isEnded = true;
    const { signal } = this.#stopping;
    const aborted = once(signal, "abort");
    const timer = setTimeout(() => this.#stopping.abort(), timeoutMs);
    await Promise.race([this.#delivering, aborted]);
    clearTimeout(timer);
    // What is on its way to a bridge that does not answer is given up by this.
    await this.#options.socket.stop();
    await this.#delivering;
    const left = this.#waiting;
    if (left.length === 0) return;
    this.#waiting = [];
    const logBytes = left.reduce((sum, { kind, bytes }) => sum + (kind === "log" ? bytes : 0), 0);
    const events = left.filter(({ kind }) => kind === "event").length;
    const error = new UndeliveredError(events, logBytes, this.#lastFailure);
    for (const { reject } of left) reject(error);
    throw error;
  }

  /** @param begin called once the item is accepted; answers how it is given. */
  #add(kind: Item["kind"], bytes: number, begin: () => Item["send"]): Promise<number | null> {
    const { onError, maxWaitingBytes } = this.#options;
    const { promise: taken, resolve, reject } = withResolvers<number | null>();
    taken.catch(onError);
    if (this.#isEnded) reject(new EndedError("The connection"));
    else if (this.#waitingBytes + bytes > maxWaitingBytes) reject(new BufferFullError(maxWaitingBytes));
    else {
      this.#waiting.push({ kind, bytes, send: begin(), taken, resolve, reject });
      this.#waitingBytes += bytes;
      this.#delivering ??= this.#deliver();
    }
    return taken;
  }

  async #deliver(): Promise<void> {
    const { signal } = this.#stopping;
    // Behind everything that is told in this turn, so that it travels together.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    while (this.#waiting.length > 0 && !signal.aborted) {
      const group = this.#waiting.slice(0, MAX_IN_FLIGHT);
      const kept = await this.#send(group);
      this.#waiting = [...kept, ...this.#waiting.slice(group.length)];
      if (kept.length > 0) await this.#pause();
    }
    this.#delivering = undefined;
  }

  async #pause(): Promise<void> {
    const pausing = new AbortController();
    this.#pausing = pausing;
    const signal = AbortSignal.any([pausing.signal, this.#stopping.signal]);
    // Ended early by either of them, which is what they are for.
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    this.#pausing = undefined;
  }

  /** Gives items in one turn, which keeps their order. Answers those that have to be given again. */
  async #send(group: readonly Waiting[]): Promise<readonly Waiting[]> {
    const sent = await Promise.allSettled(group.map(({ send }) => send()));
    return group.filter((waiting, index) => {
      const outcome = sent[index];
      if (outcome?.status === "rejected" && isPassing(outcome.reason)) {
        this.#lastFailure = outcome.reason.message;
        return true;
      }
      this.#waitingBytes -= waiting.bytes;
      if (outcome?.status === "fulfilled") waiting.resolve(outcome.value);
      else waiting.reject(outcome?.reason);
      return false;
    });
  }

  async #publish(event: EventInput): Promise<number | null> {
    const [result] = await this.#options.socket.publish([event]);
    if (result?.problem !== undefined) throw new ProblemError(result.problem);
    return result?.seq ?? null;
  }
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onResolved, onRejected) => {
    resolve = onResolved;
    reject = onRejected;
  });
  return { promise, resolve, reject };
}
