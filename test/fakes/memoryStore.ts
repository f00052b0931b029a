/** An event store in memory, for tests of what reads and writes through the interface: its edges can be moved at will. */

import type { AppendOptions, AppendOutcome, EventQuery, EventStore } from "../../bridge/store/eventStore.ts";
import type { Event, StoredEvent } from "../../shared/events/event.ts";
import { matchesFilter } from "../../shared/protocol/filter.ts";
import type { StoreHealth } from "../../shared/protocol/health.ts";

export class MemoryStore implements EventStore {
  readonly epoch: string;
  busCursor: string | undefined;
  events: StoredEvent[] = [];
  firstSeq = 1;
  lastSeq = 0;
  /** What the next queries wait for. */
  beforeQuery: (query: EventQuery) => Promise<void> = () => Promise.resolve();
  queryCount = 0;
  readonly #lost: { from: number; to: number }[] = [];
  readonly #thinned: { from: number; to: number }[] = [];
  readonly #listeners = new Set<(batch: readonly StoredEvent[]) => void>();

  constructor(epoch = "0123456789abcdef") {
    this.epoch = epoch;
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {}

  async append(events: readonly Event[], options: AppendOptions = {}): Promise<readonly AppendOutcome[]> {
    await Promise.resolve();
    const batch: StoredEvent[] = [];
    const outcomes = events.map((event): AppendOutcome => {
      const known = this.events.find(({ event_id }) => event_id === event.event_id);
      if (known !== undefined) return { kind: "stored", seq: known.seq, duplicate: true };
      const refusal = options.admit?.(event);
      if (refusal !== undefined) return { kind: "refused", problem: refusal };
      this.lastSeq += 1;
      const stored: StoredEvent = { ...event, seq: this.lastSeq };
      this.events.push(stored);
      batch.push(stored);
      return { kind: "stored", seq: stored.seq, duplicate: false };
    });
    if (batch.length > 0) for (const listener of this.#listeners) listener(batch);
    return outcomes;
  }

  onDidAppend(listener: (batch: readonly StoredEvent[]) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  async query(query: EventQuery) {
    const { filter, after = 0, before = Number.POSITIVE_INFINITY, limit, order } = query;
    this.queryCount += 1;
    await this.beforeQuery(query);
    const found = this.events.filter(
      (event) => event.seq > after && event.seq < before && matchesFilter(filter, event),
    );
    return (order === "asc" ? found : found.reverse()).slice(0, limit);
  }

  /** Retention: nothing before this `seq` is kept. */
  trim(firstSeq: number): void {
    this.firstSeq = firstSeq;
    this.events = this.events.filter(({ seq }) => seq >= firstSeq);
  }

  /** Damage: these events are lost. */
  lose(from: number, to: number): void {
    this.#lost.push({ from, to });
    this.events = this.events.filter(({ seq }) => seq < from || seq > to);
  }

  /** Retention: of a range only these are left. */
  thin(from: number, to: number, kept: readonly number[]): void {
    this.#thinned.push({ from, to });
    this.events = this.events.filter(({ seq }) => seq < from || seq > to || kept.includes(seq));
  }

  thinned(): readonly { readonly from: number; readonly to: number }[] {
    return this.#thinned;
  }

  gaps(): readonly { readonly from: number; readonly to: number }[] {
    return this.#lost;
  }

  health(): StoreHealth {
    const { epoch, firstSeq, lastSeq } = this;
    return { state: "open", epoch, first_seq: firstSeq, last_seq: lastSeq, bytes: 0 };
  }
}
