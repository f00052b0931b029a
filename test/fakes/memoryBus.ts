/** A bus that puts events into a store and hands them on, for tests of what stands around it. */
import type { BusStatus, EventBus, EventHandler } from "../../bridge/bus/eventBus.ts";
import type { Admission, EventStore } from "../../bridge/store/eventStore.ts";
import type { Event } from "../../shared/events/event.ts";
import { type EventPattern, matchesPattern } from "../../shared/events/pattern.ts";
import type { PublishResult } from "../../shared/protocol/publish.ts";

export class MemoryBus implements EventBus {
  readonly #store: EventStore;
  readonly #admit: Admission | undefined;
  readonly #handlers = new Map<EventHandler, EventPattern>();

  constructor(store: EventStore, admit?: Admission) {
    this.#store = store;
    this.#admit = admit;
    store.onDidAppend((batch) => {
      for (const [handler, pattern] of this.#handlers) {
        const matching = batch.filter(({ event_type }) => matchesPattern(pattern, event_type));
        if (matching.length > 0) handler(matching);
      }
    });
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {}

  async publish(events: readonly Event[]): Promise<readonly PublishResult[]> {
    const outcomes = await this.#store.append(events, this.#admit === undefined ? {} : { admit: this.#admit });
    return outcomes.map((outcome, index) => {
      const event_id = events[index]?.event_id ?? "";
      return outcome.kind === "stored"
        ? { event_id, seq: outcome.seq, duplicate: outcome.duplicate }
        : { event_id, seq: null, duplicate: false, problem: outcome.problem.document };
    });
  }

  subscribe(pattern: EventPattern, handler: EventHandler): Disposable {
    this.#handlers.set(handler, pattern);
    return { [Symbol.dispose]: () => this.#handlers.delete(handler) };
  }

  async history(): Promise<readonly Event[]> {
    return [];
  }

  status(): BusStatus {
    return {
      kind: "embedded",
      state: "connected",
      away_since: null,
      waiting: 0,
      queue_size: 0,
      handlers_registered: this.#handlers.size,
    };
  }

  onDidChangeStatus(): Disposable {
    return { [Symbol.dispose]: () => undefined };
  }
}
