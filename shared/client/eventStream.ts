/** Owns following the bridge's events: from a cursor on, over as many connections as it takes, each event once. */
import type { StoredEvent } from "../events/event.ts";
import type { ControlEvent } from "../protocol/controlEvent.ts";
import type { EventFilter } from "../protocol/filter.ts";
import type { ProblemError } from "../protocol/problem.ts";
import type { Backoff } from "./backoff.ts";
import type { ConnectionStatus } from "./connectionStatus.ts";
import { type Connect, ConnectionSupervisor } from "./connectionSupervisor.ts";
import { type ErrorReporter, warnOfError } from "./emitter.ts";
import { EventReader } from "./eventReader.ts";

export interface EventStreamOptions {
  readonly connect: Connect;
  readonly filter?: EventFilter;
  /** A cursor to read on from; from now on, when absent. */
  readonly after?: string;
  readonly backoff?: Backoff;
  /** Gets events in the order of their `seq`, each once. */
  readonly onEvents: (batch: readonly StoredEvent[]) => void;
  /** What the bridge says of the stream itself, in its place between the events. */
  readonly onControl?: (event: ControlEvent) => void;
  /**
   * The bridge refuses this stream for a reason that trying again does not mend, such as a filter that it does not
   * understand. It is tried again all the same, since another bridge may come; whoever knows better stops it.
   */
  readonly onRefused?: (problem: ProblemError) => void;
  readonly onStatus?: (status: ConnectionStatus) => void;
  /** Gets what a callback threw, and frames that could not be read; the stream goes on. Default: a process warning. */
  readonly onError?: ErrorReporter;
  /** After this long without a frame it reconnects. Default: 2.5 heartbeats. */
  readonly silenceMs?: number;
}

export class EventStream implements AsyncDisposable {
  readonly #reader: EventReader;
  readonly #supervisor: ConnectionSupervisor;

  constructor(options: EventStreamOptions) {
    const onError = options.onError ?? warnOfError;
    this.#reader = new EventReader({ ...options, onError });
    this.#reader.seek(options.after);
    this.#supervisor = new ConnectionSupervisor({
      ...options,
      onError,
      session: (session) => this.#reader.read(session),
    });
  }

  get status(): ConnectionStatus {
    return this.#supervisor.status;
  }

  /** Everything up to here was handed to `onEvents`. */
  get cursor(): string | undefined {
    return this.#reader.cursor;
  }

  start(): void {
    this.#supervisor.start();
  }

  /** Resolves when nothing more will be handed on. */
  stop(): Promise<void> {
    return this.#supervisor.stop();
  }

  /** Tries at once instead of waiting on. */
  retryNow(): void {
    this.#supervisor.retryNow();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
