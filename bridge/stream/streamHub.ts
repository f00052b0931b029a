/**
 * Owns all readers of the event stream, over SSE and WebSocket alike: those that catch up, those that are live, the
 * heartbeat of the quiet ones and the end of those that do not keep up. None of them can hold up another, nor the bus.
 */
import type { StoredEvent } from "../../shared/events/event.ts";
import type { Cursor } from "../../shared/protocol/cursor.ts";
import type { EventFilter } from "../../shared/protocol/filter.ts";
import { HEARTBEAT_INTERVAL_MS } from "../../shared/protocol/version.ts";
import type { EventBus } from "../bus/eventBus.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { type CutReason, Outlet, type OutletLimits, type OutletTarget } from "./outlet.ts";
import { groupKey, ReaderGroup } from "./readerGroup.ts";
import { RecentEvents } from "./recentEvents.ts";
import { OutgoingEvent, type StreamEncoding, type Transport } from "./streamEncoding.ts";
import { StreamReader, type StreamStore } from "./streamReader.ts";

/** How many times the heartbeat looks round in one interval: a reader is quiet for at most a fifth longer than that. */
const CHECKS_PER_INTERVAL = 5;

/** What connections get to close by themselves at a stop. */
const CLOSE_GRACE_MS = 500;

const RETRY_MS = { least: 2500, most: 4500 } as const;

export interface StreamHubOptions {
  readonly store: StreamStore;
  readonly bus: Pick<EventBus, "subscribe">;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly heartbeatIntervalMs?: number;
  readonly limits?: OutletLimits;
  readonly closeGraceMs?: number;
}

export class StreamHub {
  readonly #options: StreamHubOptions;
  readonly #heartbeatIntervalMs: number;
  readonly #groups = new Map<string, ReaderGroup>();
  readonly #outlets = new Set<Outlet>();
  readonly #readers = new Set<StreamReader>();
  readonly #catchingUp = new Map<StreamReader, Promise<void>>();
  readonly #recent: RecentEvents;
  #lastSeq = 0;
  #isStopped = false;
  #subscription: Disposable | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StreamHubOptions) {
    this.#options = options;
    this.#heartbeatIntervalMs = options.heartbeatIntervalMs ?? HEARTBEAT_INTERVAL_MS;
    this.#recent = new RecentEvents(0);
  }

  get epoch(): string {
    return this.#options.store.epoch;
  }

  /** To be called once the store is open, before the first reader comes. */
  start(): void {
    this.#lastSeq = this.#options.store.lastSeq;
    this.#recent.clear(this.#lastSeq);
    this.#subscription = this.#options.bus.subscribe("*", (batch) => this.#dispatch(batch));
    this.#timer = setInterval(() => this.#check(), this.#heartbeatIntervalMs / CHECKS_PER_INTERVAL);
    this.#timer.unref();
  }

  /** Tells every reader that the stream closes, and ends all connections. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#subscription?.[Symbol.dispose]();
    clearInterval(this.#timer);
    for (const reader of this.#readers) {
      const data = { reason: "The bridge is stopping", retry_ms: jitteredRetryMs() };
      reader.writeControl({ event_type: "stream.closing", data });
      reader.leave();
    }
    const outlets = [...this.#outlets];
    for (const outlet of outlets) outlet.end();
    await waitForClose(outlets, this.#options.closeGraceMs ?? CLOSE_GRACE_MS);
    // Those that take nothing would never close, and whoever writes to them would wait with them.
    for (const outlet of outlets) outlet.abandon();
    await Promise.all(this.#catchingUp.values());
  }

  /** How many readers there are. */
  get readerCount(): number {
    return this.#readers.size;
  }

  countReaders(transport: Transport): number {
    return [...this.#readers].filter(({ encoding }) => encoding.transport === transport).length;
  }

  /** What waits on the connection with the longest queue, in bytes. */
  get longestQueueBytes(): number {
    return Math.max(0, ...[...this.#outlets].map(({ queuedBytes }) => queuedBytes));
  }

  /** Puts a connection's bound round it. `didClose` of the outlet must be called when the connection has closed. */
  openOutlet(target: OutletTarget, transport: Transport): Outlet {
    const { limits, log, metrics } = this.#options;
    const outlet = new Outlet({
      target,
      nowMs: Date.now(),
      ...(limits === undefined ? {} : { limits }),
      onCut: (reason: CutReason) => {
        metrics.countDisconnect(transport, reason);
        log.info("A reader that did not keep up was cut off; it resumes from its cursor", { transport, reason });
      },
    });
    this.#outlets.add(outlet);
    onAbort(outlet.closed, () => this.#outlets.delete(outlet));
    return outlet;
  }

  /** Begins a stream on an outlet: the past behind the cursor, if there is one, then what comes. */
  read(options: {
    readonly outlet: Outlet;
    readonly encoding: StreamEncoding;
    readonly filter: EventFilter;
    readonly cursor: Cursor | undefined;
  }): StreamReader {
    const { metrics, store } = this.#options;
    const reader = new StreamReader({
      ...options,
      store,
      observer: {
        didReplay: (count) => metrics.countReplayed(options.encoding.transport, count),
        didTellGap: ({ reason }) => metrics.countGap(reason),
      },
    });
    if (this.#isStopped || reader.signal.aborted) {
      options.outlet.end();
      return reader;
    }
    this.#readers.add(reader);
    onAbort(reader.signal, () => this.#remove(reader));
    reader.open();
    if (!this.#goLive(reader)) {
      const catchingUp = this.#catchUp(reader).finally(() => this.#catchingUp.delete(reader));
      this.#catchingUp.set(reader, catchingUp);
    }
    return reader;
  }

  async #catchUp(reader: StreamReader): Promise<void> {
    try {
      while (!reader.signal.aborted) {
        await reader.readPage();
        // No await between the last page and this: nothing can come in between.
        if (this.#goLive(reader)) return;
      }
    } catch (error) {
      if (reader.signal.aborted) return;
      this.#options.log.error("A stream could not be read from the store", { error });
      reader.outlet.end();
    }
  }

  /** Joins the live readers if nothing lies between where this one stands and what comes next. */
  #goLive(reader: StreamReader): boolean {
    if (reader.signal.aborted) return true;
    if (reader.position < this.#lastSeq && !this.#recent.covers(reader.position)) return false;
    reader.writeMatching(this.#recent.after(reader.position), this.#lastSeq);
    reader.writeControl({ event_type: "stream.caught_up", data: { seq: reader.position } }, reader.position);
    const key = groupKey(reader.filter, reader.encoding);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = new ReaderGroup(reader.filter, reader.encoding, Date.now());
      this.#groups.set(key, group);
    }
    group.add(reader);
    return true;
  }

  #dispatch(batch: readonly StoredEvent[]): void {
    const outgoing = batch.filter(({ seq }) => seq > this.#lastSeq).map((event) => new OutgoingEvent(event));
    this.#lastSeq = outgoing.at(-1)?.event.seq ?? this.#lastSeq;
    if (this.#catchingUp.size > 0) this.#recent.add(outgoing);
    else this.#recent.clear(this.#lastSeq);

    const nowMs = Date.now();
    for (const group of this.#groups.values()) {
      const delivered = group.dispatch(outgoing, nowMs);
      if (delivered > 0) this.#options.metrics.countDelivered(group.transport, delivered);
    }
  }

  #check(): void {
    const nowMs = Date.now();
    for (const outlet of this.#outlets) outlet.checkProgress(nowMs);
    for (const group of this.#groups.values()) group.checkIdle(this.#lastSeq, this.#heartbeatIntervalMs, nowMs);
  }

  #remove(reader: StreamReader): void {
    this.#readers.delete(reader);
    const key = groupKey(reader.filter, reader.encoding);
    const group = this.#groups.get(key);
    group?.remove(reader);
    if (group?.size === 0) this.#groups.delete(key);
  }
}

/** How long a reader is asked to wait before it comes back: spread out, so that not all return in the same moment. */
export function jitteredRetryMs(): number {
  return Math.round(RETRY_MS.least + Math.random() * (RETRY_MS.most - RETRY_MS.least));
}

function onAbort(signal: AbortSignal, listener: () => void): void {
  signal.addEventListener("abort", listener, { once: true });
}

function waitForClose(outlets: readonly Outlet[], graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    let open = outlets.filter(({ closed }) => !closed.aborted);
    if (open.length === 0) {
      resolve();
      return;
    }
    const timer = setTimeout(resolve, graceMs);
    for (const outlet of open) {
      onAbort(outlet.closed, () => {
        open = open.filter((other) => other !== outlet);
        if (open.length > 0) return;
        clearTimeout(timer);
        resolve();
      });
    }
  });
}
