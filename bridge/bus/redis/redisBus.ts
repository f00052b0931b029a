/**
 * Owns the bus of several bridges on one Redis. An event gets its place there first; every bridge then stores it in that
 * order, and only what is stored is handed on. While Redis is away events wait on disk for their place, and no approval
 * is decided: another machine might decide otherwise.
 */
import { v7 as newEventId } from "uuid";
import type { Event } from "../../../shared/events/event.ts";
import type { EventDefaults } from "../../../shared/events/parse.ts";
import type { EventPattern } from "../../../shared/events/pattern.ts";
import { ProblemError, problem } from "../../../shared/protocol/problem.ts";
import type { PublishResult } from "../../../shared/protocol/publish.ts";
import type { ApprovalLedger } from "../../approvals/ledger.ts";
import type { Logger } from "../../diagnostics/logger.ts";
import type { EventStore } from "../../store/eventStore.ts";
import { Dispatcher } from "../dispatcher.ts";
import type { BusStatus, EventBus, EventHandler } from "../eventBus.ts";
import { OrderedReader } from "./orderedReader.ts";
import { OutboxFile } from "./outboxFile.ts";
import { PendingPublishes } from "./pendingPublishes.ts";
import { putEvent } from "./publishScript.ts";
import { RedisAwayError, RedisLink } from "./redisLink.ts";
import { MAX_STREAM_ENTRIES } from "./scripts.ts";
import { Sender } from "./sender.ts";
import { type HistoryQuery, readHistory } from "./streamHistory.ts";

/** Without a wake-up, since those can be lost, it looks this often. */
const POLL_INTERVAL_MS = 1000;

/** A start waits this long for Redis, so that a bridge begins with what happened while it was away. */
const START_WAIT_MS = 2000;

/** A stop waits this long for events that Redis took to come back in the order. */
const STOP_WAIT_MS = 2000;

/** Events of the outbox that are sent before they are read back. */
const DRAIN_EVENTS = 500;

/** Of what this bridge has stored, how much it tells a Redis that has lost its memory. */
const RESEND_EVENTS = 10_000;
const RESEND_PAGE = 500;

export interface RedisBusOptions {
  readonly store: EventStore;
  readonly ledger: Pick<ApprovalLedger, "judge" | "resolve" | "note">;
  /** An append failed: what the ledger took in for it is not stored. */
  readonly onAppendFailed: () => void;
  /** @throws RedisUrlError, from the constructor, when it is none of Redis. */
  readonly url: string;
  /** New with each start of the bridge. */
  readonly instanceId: string;
  readonly outboxFile: string;
  readonly log: Logger;
  /** Entries that a project's stream keeps, about; what is older is in the bridges' stores. */
  readonly maxStreamEntries?: number;
}

export class RedisBus implements EventBus {
  readonly #options: RedisBusOptions;
  readonly #dispatcher: Dispatcher;
  readonly #defaults: EventDefaults;
  readonly #link: RedisLink;
  readonly #reader: OrderedReader;
  readonly #outbox: OutboxFile;
  readonly #sender: Sender;
  readonly #pending: PendingPublishes;
  readonly #statusListeners = new Set<(status: BusStatus) => void>();
  readonly #inFlight = new Set<Promise<unknown>>();
  #syncing: Promise<void> = Promise.resolve();
  #isSyncing = false;
  #isSyncWanted = false;
  #isReadFailing = false;
  #resendFrom: number | undefined;
  #awaySinceMs: number | undefined = Date.now();
  #isAwayTold = false;
  #subscription: Disposable | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** It takes nothing more, and still reads what was taken. */
  #isStopping = false;
  #isStopped = false;

  constructor(options: RedisBusOptions) {
    const { store, ledger, log, url, outboxFile, instanceId } = options;
    this.#options = options;
    this.#dispatcher = new Dispatcher(log);
    this.#defaults = { newEventId, nowMs: Date.now, source: { component: "bridge", instance_id: instanceId } };
    this.#pending = new PendingPublishes(instanceId);
    this.#outbox = new OutboxFile({ path: outboxFile, defaults: this.#defaults, log });
    this.#link = new RedisLink({
      url,
      log,
      onReady: () => {
        this.#reader.reconnected();
        void this.#sync();
      },
      onAway: (reason) => this.#setAway(reason),
      onWake: () => void this.#sync(),
    });
    this.#reader = new OrderedReader({
      link: this.#link,
      store,
      defaults: this.#defaults,
      maxStreamEntries: this.#maxStreamEntries,
      onEvent: (event) => ledger.note(event),
      onStored: (token, outcome) => this.#pending.settle(token, outcome),
      onReset: () => {
        this.#resendFrom = Math.max(store.firstSeq - 1, store.lastSeq - RESEND_EVENTS);
        this.#setAway("It has lost what this bridge knew");
      },
      onTrimmed: () => this.#sender.rescuePending(),
      log,
    });
    this.#sender = new Sender({
      put: (event, token) => this.#put(event, token),
      ledger,
      outbox: this.#outbox,
      pending: this.#pending,
      isAway: () => this.#awaySinceMs !== undefined,
      onAway: (reason) => this.#setAway(reason),
      sync: () => this.#sync(),
      log,
    });
  }

  async start(): Promise<void> {
    await this.#outbox.open();
    this.#reader.start();
    this.#subscription = this.#options.store.onDidAppend((batch) => this.#dispatcher.dispatch(batch));
    const connected = new Promise<void>((resolve) => {
      const subscription = this.onDidChangeStatus(({ state }) => {
        if (state !== "connected") return;
        subscription[Symbol.dispose]();
        resolve();
      });
    });
    this.#link.start();
    this.#timer = setInterval(() => void this.#sync(), POLL_INTERVAL_MS);
    this.#timer.unref();
    let giveUp: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      giveUp = setTimeout(resolve, START_WAIT_MS);
    });
    await Promise.race([connected, patience]);
    clearTimeout(giveUp);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const timer = setTimeout(() => this.#pending.settleAll(stopping()), STOP_WAIT_MS);
    await Promise.allSettled(this.#inFlight);
    clearTimeout(timer);
    clearInterval(this.#timer);
    this.#isStopped = true;
    await this.#link.stop();
    await this.#syncing;
    this.#subscription?.[Symbol.dispose]();
    await this.#outbox.close();
  }

  async publish(events: readonly Event[]): Promise<readonly PublishResult[]> {
    if (this.#isStopping) throw stopping();
    const published = this.#sender.publish(events);
    this.#inFlight.add(published);
    try {
      return await published;
    } finally {
      this.#inFlight.delete(published);
    }
  }

  subscribe(pattern: EventPattern, handler: EventHandler): Disposable {
    return this.#dispatcher.subscribe(pattern, handler);
  }

  /** From the project's stream; from the local store while Redis is away. */
  async history(query: HistoryQuery): Promise<readonly Event[]> {
    try {
      return await readHistory(this.#link, query, this.#defaults);
    } catch (error) {
      if (!(error instanceof RedisAwayError)) throw error;
      const { project_id, since, limit } = query;
      return this.#options.store.query({ filter: { project_id: [project_id], since }, limit, order: "asc" });
    }
  }

  status(): BusStatus {
    return {
      kind: "redis",
      state: this.#awaySinceMs === undefined ? "connected" : "away",
      away_since: this.#awaySinceMs === undefined ? null : new Date(this.#awaySinceMs).toISOString(),
      waiting: this.#outbox.length,
      queue_size: this.#pending.size + this.#outbox.length,
      handlers_registered: this.#dispatcher.size,
    };
  }

  onDidChangeStatus(listener: (status: BusStatus) => void): Disposable {
    const own = (status: BusStatus) => listener(status);
    this.#statusListeners.add(own);
    return { [Symbol.dispose]: () => void this.#statusListeners.delete(own) };
  }

  get #maxStreamEntries(): number {
    return this.#options.maxStreamEntries ?? MAX_STREAM_ENTRIES;
  }

  #put(event: Event, token: string) {
    return putEvent(this.#link, event, { token, maxStreamEntries: this.#maxStreamEntries });
  }

  /** Reads and sends what there is; resolves when nothing is left of what there was at the call, or Redis is away. */
  #sync(): Promise<void> {
    this.#isSyncWanted = true;
    if (!this.#isSyncing && this.#link.isReady && !this.#isStopped) {
      this.#isSyncing = true;
      this.#syncing = this.#syncAll();
    }
    return this.#syncing;
  }

  async #syncAll(): Promise<void> {
    try {
      while (this.#isSyncWanted && this.#link.isReady && !this.#isStopped) {
        this.#isSyncWanted = false;
        await this.#reader.readAll();
        this.#isReadFailing = false;
        const hasSent = (await this.#resend()) || (await this.#drainOutbox());
        // What was sent comes back before anybody is told that all is well.
        if (hasSent) this.#isSyncWanted = true;
        else this.#setConnected();
      }
    } catch (error) {
      if (error instanceof RedisAwayError) this.#setAway(error.message);
      else this.#readFailed(error);
    } finally {
      // In the same step as the loop's last look, so that no wake-up falls between the two.
      this.#isSyncing = false;
    }
  }

  /** Sends some, no more than are read back before Redis trims them; answers whether there were any. */
  async #drainOutbox(): Promise<boolean> {
    const most = Math.min(DRAIN_EVENTS, Math.ceil(this.#maxStreamEntries / 2));
    let sent = 0;
    for (let event = this.#outbox.first; event !== undefined && sent < most; event = this.#outbox.first) {
      await this.#put(event, "");
      await this.#outbox.shift();
      sent += 1;
    }
    if (sent > 0) this.#fireStatus();
    return sent > 0;
  }

  /** Tells a Redis that lost its memory what this bridge has; what the others have as well, their stores pass over. */
  async #resend(): Promise<boolean> {
    const isReset = this.#resendFrom !== undefined;
    const { store } = this.#options;
    while (this.#resendFrom !== undefined) {
      const events = await store.query({ filter: {}, after: this.#resendFrom, limit: RESEND_PAGE, order: "asc" });
      for (const { seq: _local, ...event } of events) await this.#put(event, "");
      this.#resendFrom = events.at(-1)?.seq;
    }
    return isReset;
  }

  #readFailed(error: unknown): void {
    this.#options.onAppendFailed();
    // It is tried each second: the log is told once.
    if (!this.#isReadFailing)
      this.#options.log.error("What Redis holds could not be stored; it is tried again", { error });
    this.#isReadFailing = true;
    if (error instanceof ProblemError) this.#pending.settleAll(error);
  }

  #setConnected(): void {
    if (this.#awaySinceMs === undefined) return;
    this.#awaySinceMs = undefined;
    this.#isAwayTold = false;
    this.#options.log.info("Redis is connected");
    this.#fireStatus();
  }

  #setAway(reason: string): void {
    if (this.#isStopped) return;
    const wasConnected = this.#awaySinceMs === undefined;
    this.#awaySinceMs ??= Date.now();
    // Once, also when it was away from the start; each try to reconnect has its own reason.
    if (!this.#isAwayTold) this.#options.log.warn("Redis is away; events wait on disk", { reason });
    this.#isAwayTold = true;
    if (wasConnected) this.#fireStatus();
    this.#sender.rescuePending();
  }

  #fireStatus(): void {
    for (const listener of [...this.#statusListeners]) {
      try {
        listener(this.status());
      } catch (error) {
        this.#options.log.error("A listener of the bus's status failed", { error });
      }
    }
  }
}

function stopping(): ProblemError {
  return problem("stopping", "The bridge is stopping, and this was not acknowledged. Publish again when it is back.");
}
