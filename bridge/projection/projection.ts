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
import type { SavedState, StateFile } from "./stateFile.ts";

/** Events read at a time at the start; the event loop gets its turn in between. */
const PAGE_EVENTS = 1000;

/** How often a start that has much to read says how far it is: whoever waits for it waits on. */
const TELL_INTERVAL_MS = 2000;

/** The state is saved after so many events, but not so often that saving becomes the work. */
const SAVE_EVENTS = 10_000;
const SAVE_INTERVAL_MS = 15_000;

export interface ProjectionOptions {
  readonly store: Pick<EventStore, "query" | "epoch" | "lastSeq">;
  readonly bus: Pick<EventBus, "subscribe">;
  /** Where the state is kept from one start to the next; without it every start reads all events. */
  readonly file?: StateFile;
  readonly log: Logger;
}

export class Projection {
  readonly #options: ProjectionOptions;
  readonly #listeners = new Set<(state: State, changes: Changes) => void>();
  #state: State = EMPTY_STATE;
  #subscription: Disposable | undefined;
  /** What comes while the past is being read. */
  #held: StoredEvent[] | undefined;
  #saved: SavedState | undefined;
  #savedSeq = 0;
  #savedAtMs = 0;
  #saving: Promise<void> | undefined;

  constructor(options: ProjectionOptions) {
    this.#options = options;
  }

  get state(): State {
    return this.#state;
  }

  /** Reads what was saved, which needs no store yet; otherwise `start` does it. */
  async load(): Promise<void> {
    const { file, log } = this.#options;
    try {
      this.#saved ??= await file?.read();
    } catch (error) {
      log.warn("The saved state could not be read and is made again from the events", { error });
    }
  }

  /**
   * Reads what was saved and what is stored beyond it, then follows what comes. Start it before whoever looks at its state:
   * handlers are called in the order of their subscription.
   */
  async start(): Promise<void> {
    await this.load();
    this.#state = this.#takeSaved() ?? EMPTY_STATE;
    this.#savedSeq = this.#state.seq;
    const held: StoredEvent[] = [];
    this.#held = held;
    this.#subscription = this.#options.bus.subscribe("*", (batch) => this.#take(batch));
    await this.#readOn();
    this.#held = undefined;
    // Some of it was read with the past: the reducer passes that over.
    if (held.length > 0) this.#apply(held);
  }

  /** Reads what is stored beyond the state. */
  async #readOn(): Promise<void> {
    const { store, log } = this.#options;
    let toldMs = Date.now();
    for (;;) {
      const page = await store.query({ filter: {}, after: this.#state.seq, limit: PAGE_EVENTS, order: "asc" });
      if (page.length === 0) break;
      this.#state = reduce(this.#state, page).state;
      // A start that is broken off does not begin at the first event again.
      this.#saveIfDue();
      if (Date.now() - toldMs < TELL_INTERVAL_MS) continue;
      toldMs = Date.now();
      log.info("Reading the events that lead to the current state", { seq: this.#state.seq, of: store.lastSeq });
    }
  }

  /** Saves the state, so that the next start has little to read. */
  async stop(): Promise<void> {
    this.#subscription?.[Symbol.dispose]();
    await this.#saving;
    if (this.#state.seq > this.#savedSeq) await this.#save();
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
    this.#saveIfDue();
  }

  /** The saved state, if the stored events have led to it: a store may have been wiped, or have lost its end. */
  #takeSaved(): State | undefined {
    const { epoch, lastSeq } = this.#options.store;
    const saved = this.#saved;
    this.#saved = undefined;
    return saved !== undefined && saved.epoch === epoch && saved.state.seq <= lastSeq ? saved.state : undefined;
  }

  #saveIfDue(): void {
    const isDue = this.#state.seq - this.#savedSeq >= SAVE_EVENTS && Date.now() - this.#savedAtMs >= SAVE_INTERVAL_MS;
    if (!isDue || this.#saving !== undefined) return;
    this.#saving = this.#save().finally(() => {
      this.#saving = undefined;
    });
  }

  async #save(): Promise<void> {
    const { file, store, log } = this.#options;
    const state = this.#state;
    this.#savedAtMs = Date.now();
    try {
      await file?.write(store.epoch, state);
      this.#savedSeq = state.seq;
    } catch (error) {
      log.warn("The state could not be saved; the next start reads more events", { error });
    }
  }
}
