/**
 * Owns the bus of several bridges on one Redis. An event gets its place there first; every bridge then stores it in that
 * order, and only what is stored is handed on. While Redis is away events wait on disk for their place, and no approval
 * is decided: another machine might decide otherwise.
 */
import { v7 as newEventId } from "uuid";
import { z } from "zod";
import type { Event } from "../../../shared/events/event.ts";
import { isKnownEvent } from "../../../shared/events/known.ts";
import type { EventDefaults } from "../../../shared/events/parse.ts";
import type { EventPattern } from "../../../shared/events/pattern.ts";
import { ProblemError, problem } from "../../../shared/protocol/problem.ts";
import type { PublishResult } from "../../../shared/protocol/publish.ts";
import type { ApprovalLedger } from "../../approvals/ledger.ts";
import type { Logger } from "../../diagnostics/logger.ts";
import type { EventStore } from "../../store/eventStore.ts";
import { Dispatcher } from "../dispatcher.ts";
import type { BusStatus, EventBus, EventHandler } from "../eventBus.ts";
import { toPublishResult } from "../publishResult.ts";
import { channelOf, streamOf } from "./keys.ts";
import { OrderedReader } from "./orderedReader.ts";
import { OutboxFile, parseEventText } from "./outboxFile.ts";
import { PendingPublishes, type Settled } from "./pendingPublishes.ts";
import { RedisAwayError, RedisLink } from "./redisLink.ts";
import { PUBLISH } from "./scripts.ts";

/** Without a wake-up, since those can be lost, it looks this often. */
const POLL_INTERVAL_MS = 1000;

/** A start waits this long for Redis, so that a bridge begins with what happened while it was away. */
const START_WAIT_MS = 2000;

/** A stop waits this long for events that Redis took to come back in the order. */
const STOP_WAIT_MS = 2000;

/** Of what this bridge has stored, how much it tells a Redis that has lost its memory. */
const RESEND_EVENTS = 10_000;
const RESEND_PAGE = 500;

const publishReply = z.tuple([z.number(), z.string()]);

export interface RedisBusOptions {
  readonly store: EventStore;
  readonly ledger: Pick<ApprovalLedger, "judge" | "note">;
  /** An append failed: what the ledger took in for it is not stored. */
  readonly onAppendFailed: () => void;
  readonly url: string;
  readonly instanceId: string;
  readonly outboxFile: string;
  readonly log: Logger;
}

export class RedisBus implements EventBus {
  readonly #options: RedisBusOptions;
  readonly #dispatcher: Dispatcher;
  readonly #defaults: EventDefaults;
  readonly #link: RedisLink;
  readonly #reader: OrderedReader;
  readonly #outbox: OutboxFile;
  readonly #statusListeners = new Set<(status: BusStatus) => void>();
  readonly #pending = new PendingPublishes();
  readonly #inFlight = new Set<Promise<unknown>>();
  #sending: Promise<unknown> = Promise.resolve();
  #syncing: Promise<void> | undefined;
  #isSyncing = false;
  #isSyncWanted = false;
  #resendFrom: number | undefined;
  #awaySinceMs: number | undefined = Date.now();
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
    this.#outbox = new OutboxFile({ path: outboxFile, defaults: this.#defaults, log });
    this.#link = new RedisLink({
      url,
      log,
      onReady: () => this.#wake(),
      onAway: (reason) => this.#setAway(reason),
      onWake: () => this.#wake(),
    });
    this.#reader = new OrderedReader({
      link: this.#link,
      store,
      defaults: this.#defaults,
      onEvent: (event) => ledger.note(event),
      onStored: (event, outcome) => this.#pending.settle(event.event_id, outcome),
      onReset: () => {
        this.#resendFrom = Math.max(store.firstSeq - 1, store.lastSeq - RESEND_EVENTS);
      },
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
    this.#timer = setInterval(() => this.#wake(), POLL_INTERVAL_MS);
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
    clearInterval(this.#timer);
    const timer = setTimeout(
      () => this.#pending.settleAll(stopping()),
      this.#awaySinceMs === undefined ? STOP_WAIT_MS : 0,
    );
    await Promise.allSettled(this.#inFlight);
    clearTimeout(timer);
    this.#isStopped = true;
    await this.#link.stop();
    await this.#syncing;
    this.#subscription?.[Symbol.dispose]();
    await this.#outbox.close();
  }

  async publish(events: readonly Event[]): Promise<readonly PublishResult[]> {
    if (this.#isStopping) throw stopping();
    // One publish after the other gets its places; their waits for the store overlap.
    const sent = this.#sending.then(() => this.#sendAll(events));
    this.#sending = sent.catch(() => undefined);
    const published = sent.then((results) => Promise.all(results.map((settled) => settled())));
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

  async history({
    project_id,
    since,
    limit,
  }: {
    project_id: string;
    since: string;
    limit: number;
  }): Promise<readonly Event[]> {
    const entries = await this.#link.range(streamOf(project_id), Date.parse(since), limit);
    return entries.flatMap(({ event }) => parseEventText(event ?? "", this.#defaults) ?? []);
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
    this.#statusListeners.add(listener);
    return { [Symbol.dispose]: () => this.#statusListeners.delete(listener) };
  }

  /** Sends events in their order; each answer resolves when the event is where it is going to be. */
  async #sendAll(events: readonly Event[]): Promise<readonly (() => Promise<PublishResult>)[]> {
    const answers: (() => Promise<PublishResult>)[] = [];
    const postponed: Event[] = [];
    for (const event of events) {
      const refusal = this.#options.ledger.judge(event);
      const isDirect = this.#awaySinceMs === undefined && this.#outbox.length === 0 && postponed.length === 0;
      if (refusal !== undefined) {
        answers.push(async () => refused(event, refusal));
      } else if (isDirect || approvalDecidedBy(event) !== "") {
        answers.push(await this.#sendOne(event, postponed));
      } else {
        postponed.push(event);
        answers.push(async () => waiting(event));
      }
    }
    if (postponed.length > 0) await this.#postpone(postponed);
    return answers;
  }

  async #sendOne(event: Event, postponed: Event[]): Promise<() => Promise<PublishResult>> {
    const isDecision = approvalDecidedBy(event) !== "";
    if (isDecision && this.#awaySinceMs !== undefined) return async () => refused(event, decisionNotTaken());
    const { settled, forget } = this.#pending.expect(event);
    try {
      const winner = await this.#send(event);
      if (winner !== undefined) {
        forget();
        return async () => refused(event, lostTo(winner));
      }
      this.#wake();
      return async () => this.#resultOf(event, await settled);
    } catch (error) {
      forget();
      if (!(error instanceof RedisAwayError)) throw error;
      this.#setAway(error.message);
      if (isDecision) return async () => refused(event, decisionNotTaken());
      // It may be in Redis or not: it is sent again, and the stores know its event_id.
      postponed.push(event);
      return async () => waiting(event);
    }
  }

  /** Puts an event into Redis; answers the decision that was there before, if it is one too many. */
  async #send(event: Event): Promise<string | undefined> {
    const json = JSON.stringify(event);
    const args = [json, event.project_id, channelOf(event.event_type), event.event_id, approvalDecidedBy(event)];
    const [isTaken, answer] = publishReply.parse(await this.#link.run(PUBLISH, args));
    return isTaken === 1 ? undefined : answer;
  }

  async #postpone(events: readonly Event[]): Promise<void> {
    try {
      await this.#outbox.append(events);
    } catch (cause) {
      throw problem("store_unavailable", "Redis is away and the event could not be kept on disk: nothing was taken.", {
        cause,
      });
    }
    this.#fireStatus();
    this.#wake();
  }

  #resultOf(event: Event, settled: Settled): PublishResult {
    if (settled instanceof ProblemError) throw settled;
    return toPublishResult(event, settled);
  }

  /** There may be something to send or to read. */
  #wake(): void {
    this.#isSyncWanted = true;
    if (this.#isSyncing || !this.#link.isReady || this.#isStopped) return;
    this.#isSyncing = true;
    this.#syncing = this.#sync();
  }

  async #sync(): Promise<void> {
    try {
      while (this.#isSyncWanted && this.#link.isReady) {
        this.#isSyncWanted = false;
        await this.#reader.readAll();
        await this.#resend();
        await this.#drainOutbox();
        await this.#reader.readAll();
        this.#setConnected();
      }
    } catch (error) {
      if (error instanceof RedisAwayError) this.#setAway(error.message);
      else this.#readFailed(error);
    } finally {
      // In the same step as the loop's last look, so that no wake-up falls between the two.
      this.#isSyncing = false;
    }
  }

  async #drainOutbox(): Promise<void> {
    for (let event = this.#outbox.first; event !== undefined; event = this.#outbox.first) {
      await this.#send(event);
      await this.#outbox.shift();
    }
  }

  /** Tells a Redis that lost its memory what this bridge has; what the others have as well, their stores pass over. */
  async #resend(): Promise<void> {
    const { store } = this.#options;
    while (this.#resendFrom !== undefined) {
      const events = await store.query({ filter: {}, after: this.#resendFrom, limit: RESEND_PAGE, order: "asc" });
      const last = events.at(-1);
      for (const { seq: _local, ...event } of events) await this.#send(event);
      this.#resendFrom = last?.seq;
      // What Redis had taken and lost before any bridge stored it is in no store yet.
      if (last === undefined) for (const event of this.#pending.events) await this.#send(event);
    }
  }

  #readFailed(error: unknown): void {
    this.#options.onAppendFailed();
    this.#options.log.error("What Redis holds could not be stored; it is tried again", { error });
    if (error instanceof ProblemError) this.#pending.settleAll(error);
  }

  #setConnected(): void {
    if (this.#awaySinceMs === undefined) return;
    this.#awaySinceMs = undefined;
    this.#options.log.info("Redis is connected");
    this.#fireStatus();
  }

  #setAway(reason: string): void {
    if (this.#awaySinceMs !== undefined || this.#isStopped) return;
    this.#awaySinceMs = Date.now();
    this.#options.log.warn("Redis is away; events wait on disk", { reason });
    this.#fireStatus();
  }

  #fireStatus(): void {
    for (const listener of [...this.#statusListeners]) listener(this.status());
  }
}

/** The approval that an event decides, or "". */
function approvalDecidedBy(event: Event): string {
  if (!isKnownEvent(event) || (event.event_type !== "job.approved" && event.event_type !== "job.denied")) return "";
  return event.data.approval_id ?? "";
}

function refused({ event_id }: Event, refusal: ProblemError): PublishResult {
  return { event_id, seq: null, duplicate: false, problem: refusal.document };
}

function waiting({ event_id }: Event): PublishResult {
  return { event_id, seq: null, duplicate: false };
}

function lostTo(winner: string): ProblemError {
  return problem("already_decided", "Another bridge took a decision first; this answer changes nothing.", {
    context: { event: winner },
  });
}

function stopping(): ProblemError {
  return problem("stopping", "The bridge is stopping, and this was not acknowledged. Publish again when it is back.");
}

function decisionNotTaken(): ProblemError {
  return problem(
    "store_unavailable",
    "Redis is away, so that nobody knows what others decide: the answer was not taken. Look at the approval again when Redis is back.",
  );
}
