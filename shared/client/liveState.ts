/**
 * Owns the live picture of what goes on: the bridge's snapshot, then its events through the shared reducer. Where the
 * stream has a gap, or the bridge another store, a new snapshot takes the picture's place.
 */
import type { StoredEvent } from "../events/event.ts";
import type { ControlEvent } from "../protocol/controlEvent.ts";
import { formatCursor } from "../protocol/cursor.ts";
import type { Changes } from "../state/draft.ts";
import { reduce } from "../state/reduce.ts";
import { EMPTY_STATE, type State } from "../state/state.ts";
import { fromWire } from "../state/wire.ts";
import type { Backoff } from "./backoff.ts";
import { BridgeClient } from "./bridgeClient.ts";
import type { ConnectionStatus } from "./connectionStatus.ts";
import { type Connect, ConnectionSupervisor, type Session, type SessionEnd } from "./connectionSupervisor.ts";
import { Emitter, type ErrorReporter, warnOfError } from "./emitter.ts";
import { EventReader } from "./eventReader.ts";

export interface LiveStateOptions {
  readonly connect: Connect;
  readonly backoff?: Backoff;
  /** Gets what a listener threw. Default: a process warning. */
  readonly onError?: ErrorReporter;
  /** After this long without a frame it reconnects. Default: 2.5 heartbeats. */
  readonly silenceMs?: number;
}

/** So many snapshots in a row that the stream does not follow from are a fault of the bridge's: wait, then begin anew. */
const MAX_SNAPSHOTS = 3;

export class LiveState implements AsyncDisposable {
  readonly #reader: EventReader;
  readonly #supervisor: ConnectionSupervisor;
  readonly #changed: Emitter<[State, Changes]>;
  readonly #statusChanged: Emitter<[ConnectionStatus]>;
  readonly #events: Emitter<[readonly StoredEvent[]]>;
  #state: State = EMPTY_STATE;
  #epoch: string | undefined;
  /** There is no picture yet, or it is one of another stream than the bridge's. */
  #needsSnapshot = true;
  /** Ends the reading of a stream that does not follow from the picture. */
  #reading: AbortController | undefined;

  constructor(options: LiveStateOptions) {
    const onError = options.onError ?? warnOfError;
    this.#changed = new Emitter(onError);
    this.#statusChanged = new Emitter(onError);
    this.#events = new Emitter(onError);
    this.#reader = new EventReader({
      ...options,
      onError,
      onEvents: (batch) => this.#apply(batch),
      onControl: (control) => this.#heed(control),
    });
    this.#supervisor = new ConnectionSupervisor({
      ...options,
      onError,
      session: (session) => this.#follow(session),
      onStatus: (status) => this.#statusChanged.emit(status),
    });
  }

  /** The picture as it is now; the last one known, while there is no connection. */
  get state(): State {
    return this.#state;
  }

  get status(): ConnectionStatus {
    return this.#supervisor.status;
  }

  /** Whether the picture has ever been filled, so that an empty one can be told from one that is not there yet. */
  get isLoaded(): boolean {
    return this.#epoch !== undefined;
  }

  /** Called after each change, with the ids of what changed. After a new snapshot that is everything, old and new. */
  onDidChange(listener: (state: State, changes: Changes) => void): Disposable {
    return this.#changed.on(listener);
  }

  onStatus(listener: (status: ConnectionStatus) => void): Disposable {
    return this.#statusChanged.on(listener);
  }

  /** The events themselves, after the state has them: for what happens once, such as a notification. */
  onEvents(listener: (batch: readonly StoredEvent[]) => void): Disposable {
    return this.#events.on(listener);
  }

  start(): void {
    this.#supervisor.start();
  }

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

  async #follow({ entry, signal, opened }: Session): Promise<SessionEnd> {
    for (let tries = 1; ; tries += 1) {
      if (this.#needsSnapshot) await this.#load(new BridgeClient(entry), signal);
      const reading = new AbortController();
      this.#reading = reading;
      const end = await this.#reader.read({ entry, signal: AbortSignal.any([signal, reading.signal]), opened });
      if (!this.#needsSnapshot || signal.aborted) return end;
      if (tries === MAX_SNAPSHOTS) return { reason: "The bridge's stream does not follow from its snapshot" };
    }
  }

  async #load(client: BridgeClient, signal: AbortSignal): Promise<void> {
    const { epoch, seq, state: wire } = await client.state(signal);
    const before = this.#state;
    this.#state = fromWire(seq, wire);
    this.#epoch = epoch;
    this.#needsSnapshot = false;
    this.#reader.seek(formatCursor({ epoch, seq }));
    this.#changed.emit(this.#state, everything(before, this.#state));
  }

  #apply(batch: readonly StoredEvent[]): void {
    // What a stream brings that is about to be left does not follow from the picture.
    if (this.#needsSnapshot) return;
    const { state, changes } = reduce(this.#state, batch);
    this.#state = state;
    this.#changed.emit(state, changes);
    this.#events.emit(batch);
  }

  #heed(control: ControlEvent): void {
    const isOther = control.event_type === "stream.opened" && control.data.epoch !== this.#epoch;
    if (!isOther && control.event_type !== "stream.gap") return;
    this.#needsSnapshot = true;
    this.#reading?.abort();
  }
}

/** The changes by which one picture becomes another that did not grow out of it. */
function everything(before: State, after: State): Changes {
  const keys = (a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>) =>
    new Set([...a.keys(), ...b.keys()]);
  return {
    projects: keys(before.projects, after.projects),
    sessions: keys(before.sessions, after.sessions),
    jobs: keys(before.jobs, after.jobs),
    approvals: keys(before.approvals, after.approvals),
    tasks: keys(before.tasks, after.tasks),
    orchestrators: keys(before.orchestrators, after.orchestrators),
    notices: true,
  };
}
