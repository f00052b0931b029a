/** Owns the bridge's own picture: the shared reducer's state, kept current with what is stored. */
import type { StoredEvent } from "../../shared/events/event.ts";
import type { Approval } from "../../shared/protocol/approval.ts";
import type { Changes } from "../../shared/state/draft.ts";
import { reduce } from "../../shared/state/reduce.ts";
import { EMPTY_STATE, type State } from "../../shared/state/state.ts";
import type { EventBus } from "../bus/eventBus.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { EventStore } from "../store/eventStore.ts";
import { recallApproval } from "./recallApproval.ts";

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
  /** What comes while the past is being read. */
  #held: StoredEvent[] | undefined;

  constructor(options: ProjectionOptions) {
    this.#options = options;
  }

  get state(): State {
    return this.#state;
  }

  /**
   * Reads what is stored, then follows what comes. Start it before whoever looks at its state: handlers are called in the
   * order of their subscription.
   */
  async start(): Promise<void> {
    const { bus, store } = this.#options;
    const held: StoredEvent[] = [];
    this.#held = held;
    this.#subscription = bus.subscribe("*", (batch) => this.#take(batch));
    for (;;) {
      const page = await store.query({ filter: {}, after: this.#state.seq, limit: PAGE_EVENTS, order: "asc" });
      if (page.length === 0) break;
      this.#state = reduce(this.#state, page).state;
    }
    this.#held = undefined;
    // Some of it was read with the past: the reducer passes that over.
    if (held.length > 0) this.#apply(held);
  }

  stop(): void {
    this.#subscription?.[Symbol.dispose]();
  }

  /** Called after each batch with what it changed. */
  onDidChange(listener: (state: State, changes: Changes) => void): Disposable {
    // An object of its own, so that the same function can listen twice.
    const own = (state: State, changes: Changes) => listener(state, changes);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  /** An approval that the state has forgotten, as the stored events tell it; undefined when they tell of none. */
  recallApproval(approval_id: string): Promise<Approval | undefined> {
    return recallApproval(this.#options.store, approval_id);
  }

  #take(batch: readonly StoredEvent[]): void {
    if (this.#held === undefined) this.#apply(batch);
    else this.#held.push(...batch);
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
