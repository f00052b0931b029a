/**
 * Owns what the extension knows of the bridge: the live picture, the connection, and the bridge's own health. Every part
 * of the extension reads it here, and none of them reads another part.
 */
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { BridgeUnreachableError } from "../../shared/client/bridgeUnreachableError.ts";
import type { ConnectionStatus } from "../../shared/client/connectionStatus.ts";
import type { Connect } from "../../shared/client/connectionSupervisor.ts";
import { Emitter, type ErrorReporter } from "../../shared/client/emitter.ts";
import { LiveState } from "../../shared/client/liveState.ts";
import type { StoredEvent } from "../../shared/events/event.ts";
import type { Health } from "../../shared/protocol/health.ts";
import type { Changes } from "../../shared/state/draft.ts";
import type { State } from "../../shared/state/state.ts";

/** Nothing in the health is urgent: what is (the connection, approvals) comes by the stream. */
const HEALTH_INTERVAL_MS = 15_000;

export interface LiveStoreOptions {
  readonly connect: Connect;
  readonly onError: ErrorReporter;
  readonly healthIntervalMs?: number;
}

export class LiveStore {
  readonly #live: LiveState;
  readonly #healthChanged: Emitter<[Health | undefined]>;
  readonly #onError: ErrorReporter;
  readonly #healthTimer: NodeJS.Timeout;
  readonly #stopping = new AbortController();
  #health: Health | undefined;

  constructor({ connect, onError, healthIntervalMs = HEALTH_INTERVAL_MS }: LiveStoreOptions) {
    this.#onError = onError;
    this.#live = new LiveState({ connect, onError });
    this.#healthChanged = new Emitter(onError);
    this.#live.onStatus(() => void this.refreshHealth());
    this.#healthTimer = setInterval(() => void this.refreshHealth(), healthIntervalMs);
    this.#healthTimer.unref();
  }

  get state(): State {
    return this.#live.state;
  }

  get status(): ConnectionStatus {
    return this.#live.status;
  }

  /** Whether the picture was ever filled. */
  get isLoaded(): boolean {
    return this.#live.isLoaded;
  }

  /** What the bridge said last of itself; undefined while it is away. */
  get health(): Health | undefined {
    return this.#health;
  }

  /** @throws BridgeUnreachableError while there is no connection, with what is known of why. */
  get client(): BridgeClient {
    const { status } = this;
    if (status.state === "connected") return new BridgeClient(status.entry);
    throw new BridgeUnreachableError(status.state === "reconnecting" ? status.reason : "it is not connected yet");
  }

  onDidChange(listener: (state: State, changes: Changes) => void): Disposable {
    return this.#live.onDidChange(listener);
  }

  onStatus(listener: (status: ConnectionStatus) => void): Disposable {
    return this.#live.onStatus(listener);
  }

  onEvents(listener: (batch: readonly StoredEvent[]) => void): Disposable {
    return this.#live.onEvents(listener);
  }

  onHealth(listener: (health: Health | undefined) => void): Disposable {
    return this.#healthChanged.on(listener);
  }

  start(): void {
    this.#live.start();
  }

  retryNow(): void {
    this.#live.retryNow();
  }

  /** Ends the connection and makes a new one, at once. */
  async reconnect(): Promise<void> {
    await this.#live.stop();
    this.#live.start();
  }

  async stop(): Promise<void> {
    clearInterval(this.#healthTimer);
    this.#stopping.abort();
    await this.#live.stop();
  }

  async refreshHealth(): Promise<void> {
    const health = await this.#readHealth();
    const isSame = JSON.stringify(shownOf(health)) === JSON.stringify(shownOf(this.#health));
    this.#health = health;
    if (!isSame) this.#healthChanged.emit(health);
  }

  async #readHealth(): Promise<Health | undefined> {
    const { status } = this;
    if (status.state !== "connected") return undefined;
    try {
      return await new BridgeClient(status.entry).health(this.#stopping.signal);
    } catch (error) {
      // The stream notices a bridge that has gone; that is where it is told.
      if (!(error instanceof BridgeUnreachableError) && !this.#stopping.signal.aborted) this.#onError(error);
      return undefined;
    }
  }
}

/** What of the health is drawn somewhere: the counters move all the time. */
function shownOf(health: Health | undefined) {
  if (health === undefined) return undefined;
  const { status, version, bus, telegram, store, warnings } = health;
  return { status, version, warnings, bus: bus.state, telegram: telegram.state, store: store.state };
}
