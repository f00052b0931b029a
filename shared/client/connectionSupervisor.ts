/**
 * Owns keeping a connection up: asks where the bridge is, runs a session with it, and when that ends waits and begins anew,
 * until it is stopped. Streams and sockets differ only in their sessions.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { DiscoveryEntry } from "../protocol/discovery.ts";
import { type Backoff, backoffDelayMs, DEFAULT_BACKOFF } from "./backoff.ts";
import { describeError } from "./bridgeUnreachableError.ts";
import { type ConnectionStatus, type ConnectionStep, nextStatus } from "./connectionStatus.ts";
import { callSafely, type ErrorReporter, warnOfError } from "./emitter.ts";

/** Finds the bridge, or starts one. Asked before each try, since a restarted bridge may have another port and token. */
export type Connect = (signal: AbortSignal) => Promise<DiscoveryEntry>;

export interface Session {
  readonly entry: DiscoveryEntry;
  /** Aborted by the stop. */
  readonly signal: AbortSignal;
  /** To be called once the connection stands. */
  opened(): void;
}

/** Why a session is over. */
export interface SessionEnd {
  /** A sentence for people. */
  readonly reason: string;
  /** When the bridge said when to come back, in milliseconds. */
  readonly retryAfterMs?: number;
}

export interface SupervisorOptions {
  readonly connect: Connect;
  /** Resolves when the connection has ended, whatever the cause; rejects when it never stood. */
  readonly session: (session: Session) => Promise<SessionEnd>;
  readonly backoff?: Backoff;
  readonly onStatus?: (status: ConnectionStatus) => void;
  readonly onError?: ErrorReporter;
  readonly random?: () => number;
  readonly nowMs?: () => number;
}

/** A connection that stood this long was a good one: after it, waiting begins at the short end again. */
const STABLE_AFTER_MS = 5_000;

export class ConnectionSupervisor {
  readonly #options: SupervisorOptions;
  readonly #onError: ErrorReporter;
  readonly #nowMs: () => number;
  #status: ConnectionStatus = { state: "stopped" };
  #stopping = new AbortController();
  #waiting: AbortController | undefined;
  #running: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#onError = options.onError ?? warnOfError;
    this.#nowMs = options.nowMs ?? Date.now;
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  /** Begins to connect; does nothing when it runs already. */
  start(): void {
    if (this.#running !== undefined) return;
    this.#stopping = new AbortController();
    this.#step({ kind: "started" });
    this.#running = this.#run(this.#stopping.signal);
  }

  /** Ends the session and resolves when it is over. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#running = undefined;
    this.#step({ kind: "stopped" });
  }

  /** Tries at once instead of waiting on, for a person who asks for it. */
  retryNow(): void {
    this.#waiting?.abort();
  }

  async #run(stop: AbortSignal): Promise<void> {
    let failures = 0;
    while (!stop.aborted) {
      let openedAtMs: number | undefined;
      const end = await this.#attempt(stop, () => {
        openedAtMs = this.#nowMs();
      });
      if (stop.aborted) return;
      const wasStable = openedAtMs !== undefined && this.#nowMs() - openedAtMs >= STABLE_AFTER_MS;
      failures = wasStable ? 1 : failures + 1;
      this.#step({ kind: "lost", reason: end.reason, at: new Date(this.#nowMs()).toISOString() });
      await this.#wait(end.retryAfterMs ?? this.#backoffMs(failures), stop);
    }
  }

  async #attempt(signal: AbortSignal, onOpened: () => void): Promise<SessionEnd> {
    try {
      const entry = await this.#options.connect(signal);
      signal.throwIfAborted();
      const opened = () => {
        onOpened();
        this.#step({ kind: "opened", entry });
      };
      return await this.#options.session({ entry, signal, opened });
    } catch (error) {
      return { reason: describeError(error) };
    }
  }

  async #wait(delayMs: number, stop: AbortSignal): Promise<void> {
    const waiting = new AbortController();
    this.#waiting = waiting;
    const signal = AbortSignal.any([waiting.signal, stop]);
    try {
      await delay(delayMs, undefined, { signal });
    } catch (error) {
      // Woken, by a stop or by somebody who will not wait: that is what the signals are for.
      if (!signal.aborted) throw error;
    } finally {
      this.#waiting = undefined;
    }
  }

  #backoffMs(failures: number): number {
    const { random = Math.random, backoff = DEFAULT_BACKOFF } = this.#options;
    return backoffDelayMs(failures, random(), backoff);
  }

  #step(step: ConnectionStep): void {
    const before = this.#status;
    this.#status = nextStatus(before, step);
    const { onStatus } = this.#options;
    if (this.#status !== before && onStatus !== undefined) callSafely(() => onStatus(this.#status), this.#onError);
  }
}
