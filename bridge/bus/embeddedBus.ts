/** Owns the bus of one bridge alone: the store's order is the order of events. */
import type { Event } from "../../shared/events/event.ts";
import type { EventPattern } from "../../shared/events/pattern.ts";
import { problem } from "../../shared/protocol/problem.ts";
import type { PublishResult } from "../../shared/protocol/publish.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { Admission, EventStore } from "../store/eventStore.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { BusStatus, EventBus, EventHandler } from "./eventBus.ts";
import { toPublishResult } from "./publishResult.ts";

export interface EmbeddedBusOptions {
  readonly store: EventStore;
  readonly admit: Admission;
  /** An append failed: what `admit` took in for it is not going to be stored. */
  readonly onAppendFailed?: () => void;
  readonly log: Logger;
}

export class EmbeddedBus implements EventBus {
  readonly #store: EventStore;
  readonly #admit: Admission;
  readonly #onAppendFailed: (() => void) | undefined;
  readonly #dispatcher: Dispatcher;
  readonly #inFlight = new Set<Promise<unknown>>();
  #queued = 0;
  #isStopped = false;
  #subscription: Disposable | undefined;

  constructor({ store, admit, onAppendFailed, log }: EmbeddedBusOptions) {
    this.#store = store;
    this.#admit = admit;
    this.#onAppendFailed = onAppendFailed;
    this.#dispatcher = new Dispatcher(log);
  }

  async start(): Promise<void> {
    this.#subscription = this.#store.onDidAppend((batch) => this.#dispatcher.dispatch(batch));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.allSettled(this.#inFlight);
    this.#subscription?.[Symbol.dispose]();
  }

  async publish(events: readonly Event[]): Promise<readonly PublishResult[]> {
    if (this.#isStopped)
      throw problem("stopping", "The bridge is stopping: nothing was taken. Publish again when it is back.");
    const appending = this.#store.append(events, { admit: this.#admit });
    this.#inFlight.add(appending);
    this.#queued += events.length;
    try {
      const outcomes = await appending;
      return events.map((event, index) => toPublishResult(event, outcomes[index]));
    } catch (error) {
      this.#onAppendFailed?.();
      throw error;
    } finally {
      this.#inFlight.delete(appending);
      this.#queued -= events.length;
    }
  }

  subscribe(pattern: EventPattern, handler: EventHandler): Disposable {
    return this.#dispatcher.subscribe(pattern, handler);
  }

  history({
    project_id,
    since,
    limit,
  }: {
    project_id: string;
    since: string;
    limit: number;
  }): Promise<readonly Event[]> {
    return this.#store.query({ filter: { project_id: [project_id], since }, limit, order: "asc" });
  }

  status(): BusStatus {
    return {
      kind: "embedded",
      state: "connected",
      away_since: null,
      waiting: 0,
      queue_size: this.#queued,
      handlers_registered: this.#dispatcher.size,
    };
  }

  /** It is always connected to itself. */
  onDidChangeStatus(): Disposable {
    return { [Symbol.dispose]: () => undefined };
  }
}
