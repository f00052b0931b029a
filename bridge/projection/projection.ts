/** Owns the bridge's own picture: the shared reducer's state, kept current with what is stored. */
import type { StoredEvent } from "../../shared/events/event.ts";
import type { Changes } from "../../shared/state/draft.ts";
import { reduce } from "../../shared/state/reduce.ts";
import { EMPTY_STATE, type State } from "../../shared/state/state.ts";
import type { EventBus } from "../bus/eventBus.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { EventStore } from "../store/eventStore.ts";

/** Events read at a time at the start; the event loop gets its turn in between. */
const PAGE_EVENTS = 1000;

export interface ProjectionOptions {
  readonly store: Pick<EventStore, "query">;
  readonly bus: Pick<EventBus, "subscribe">;
  readonly log: Logger;
}

export class Projection {
  readonly #options: ProjectionOptions;
  readonly #listeners = new Set<(state: State, changes: Changes) => void>();
  #state: State = EMPTY_STATE;
  #subscription: Disposable | undefined;

  constructor(options: ProjectionOptions) {
    this.#options = options;
  }

  get state(): State {
    return this.#state;
  }

  /**
   * Reads what is stored, then follows what comes. Start it before whoever looks at its state: handlers are called in the
   * order of their subscription.
   *
   * @param onPage sees every stored event once, in order, while they are read.
   */
  async start(onPage?: (page: readonly StoredEvent[]) => void): Promise<void> {
    const { bus, store } = this.#options;
    for (;;) {
      const page = await store.query({ filter: {}, after: this.#state.seq, limit: PAGE_EVENTS, order: "asc" });
      if (page.length === 0) break;
      onPage?.(page);
      this.#state = reduce(this.#state, page).state;
    }
    this.#subscription = bus.subscribe("*", (batch) => this.#apply(batch));
  }

  stop(): void {
    this.#subscription?.[Symbol.dispose]();
  }

  /** Called after each batch with what it changed. */
  onDidChange(listener: (state: State, changes: Changes) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  #apply(batch: readonly StoredEvent[]): void {
    const { state, changes } = reduce(this.#state, batch);
    this.#state = state;
    for (const listener of [...this.#listeners]) {
      try {
        listener(state, changes);
      } catch (error) {
        this.#options.log.error("A listener of the projection failed", { error });
      }
    }
  }
}
