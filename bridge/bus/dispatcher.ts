/** Owns handing batches of stored events to the handlers whose pattern they match. */
import type { StoredEvent } from "../../shared/events/event.ts";
import { type EventPattern, isEventPattern, matchesPattern } from "../../shared/events/pattern.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { EventHandler } from "./eventBus.ts";

export class Dispatcher {
  /** By pattern: one filtering serves all handlers of the same one. Insertion order is the order of subscription. */
  readonly #handlers = new Map<EventPattern, Set<EventHandler>>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  get size(): number {
    return [...this.#handlers.values()].reduce((sum, handlers) => sum + handlers.size, 0);
  }

  subscribe(pattern: EventPattern, handler: EventHandler): Disposable {
    if (!isEventPattern(pattern)) throw new TypeError(`"${pattern}" is not an event pattern`);
    const handlers = this.#handlers.get(pattern) ?? new Set();
    this.#handlers.set(pattern, handlers.add(handler));
    return {
      [Symbol.dispose]: () => {
        handlers.delete(handler);
        if (handlers.size === 0 && this.#handlers.get(pattern) === handlers) this.#handlers.delete(pattern);
      },
    };
  }

  /** A handler that throws is logged, and stops no other. */
  dispatch(batch: readonly StoredEvent[]): void {
    for (const [pattern, handlers] of this.#handlers) {
      const matching = pattern === "*" ? batch : batch.filter((event) => matchesPattern(pattern, event.event_type));
      if (matching.length === 0) continue;
      for (const handler of [...handlers]) {
        try {
          handler(matching);
        } catch (error) {
          this.#log.error("A handler of the bus failed", { error, pattern, first: matching[0]?.seq });
        }
      }
    }
  }
}
