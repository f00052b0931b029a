/** Owns handing batches of stored events to the handlers whose pattern they match. */
import type { StoredEvent } from "../../shared/events/event.ts";
import { type EventPattern, isEventPattern, matchesPattern } from "../../shared/events/pattern.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { EventHandler } from "./eventBus.ts";

/** One subscription: an object of its own, so that the same function can be subscribed twice. */
interface Subscription {
  readonly handler: EventHandler;
}

export class Dispatcher {
  /** By pattern: one filtering serves all handlers of the same one. Insertion order is the order of subscription. */
  readonly #subscriptions = new Map<EventPattern, Set<Subscription>>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  get size(): number {
    return [...this.#subscriptions.values()].reduce((sum, { size }) => sum + size, 0);
  }

  subscribe(pattern: EventPattern, handler: EventHandler): Disposable {
    if (!isEventPattern(pattern)) throw new TypeError(`"${pattern}" is not an event pattern`);
    const subscriptions = this.#subscriptions.get(pattern) ?? new Set();
    const subscription: Subscription = { handler };
    this.#subscriptions.set(pattern, subscriptions.add(subscription));
    return {
      [Symbol.dispose]: () => {
        subscriptions.delete(subscription);
        if (subscriptions.size === 0 && this.#subscriptions.get(pattern) === subscriptions)
          this.#subscriptions.delete(pattern);
      },
    };
  }

  /**
   * A handler that throws is logged, and stops no other. Handlers come and go while others are called: one that came gets
   * the next batch first, one that went gets nothing more.
   */
  dispatch(batch: readonly StoredEvent[]): void {
    const current = [...this.#subscriptions].map(([pattern, subscriptions]) => ({
      pattern,
      subscriptions,
      called: [...subscriptions],
    }));
    for (const { pattern, subscriptions, called } of current) {
      const matching = pattern === "*" ? batch : batch.filter((event) => matchesPattern(pattern, event.event_type));
      if (matching.length === 0) continue;
      for (const subscription of called) {
        if (!subscriptions.has(subscription)) continue;
        try {
          subscription.handler(matching);
        } catch (error) {
          this.#log.error("A handler of the bus failed", { error, pattern, first: matching[0]?.seq });
        }
      }
    }
  }
}
