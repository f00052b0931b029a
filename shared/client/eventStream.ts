/** Owns following the bridge's events: from a cursor on, over as many connections as it takes, each event once. */
import type { StoredEvent } from "../events/event.ts";
import type { ControlEvent } from "../protocol/controlEvent.ts";
import type { EventFilter } from "../protocol/filter.ts";
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
    const {
      connect,
      filter,
      after,
      backoff,
      onEvents,
      onControl,
      onStatus,
      onError = warnOfError,
      silenceMs,
    } = options;
    this.#reader = new EventReader({
      onEvents,
      onError,
      ...(filter === undefined ? {} : { filter }),
      ...(onControl === undefined ? {} : { onControl }),
      ...(silenceMs === undefined ? {} : { silenceMs }),
    });
    this.#reader.seek(after);
    this.#supervisor = new ConnectionSupervisor({
      connect,
      session: (session) => this.#reader.read(session),
      onError,
      ...(backoff === undefined ? {} : { backoff }),
      ...(onStatus === undefined ? {} : { onStatus }),
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
