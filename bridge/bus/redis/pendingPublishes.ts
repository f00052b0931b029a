/** Owns the publishers that wait until their event, which Redis took, is in the local store. */
import type { Event } from "../../../shared/events/event.ts";
import type { ProblemError } from "../../../shared/protocol/problem.ts";
import type { AppendOutcome } from "../../store/eventStore.ts";

/** What became of it, or why that cannot be told. */
export type Settled = AppendOutcome | ProblemError;

interface Pending {
  readonly event: Event;
  readonly settlers: Set<(settled: Settled) => void>;
}

export class PendingPublishes {
  readonly #pending = new Map<string, Pending>();

  get size(): number {
    return this.#pending.size;
  }

  /** The events that are waited for. */
  get events(): readonly Event[] {
    return [...this.#pending.values()].map(({ event }) => event);
  }

  /** Begins to wait. To be called before the event is sent: it may come back at once. */
  expect(event: Event): { readonly settled: Promise<Settled>; readonly forget: () => void } {
    const { event_id } = event;
    const pending = this.#pending.get(event_id) ?? { event, settlers: new Set() };
    this.#pending.set(event_id, pending);
    let settle: (settled: Settled) => void = () => undefined;
    const settled = new Promise<Settled>((resolve) => {
      settle = resolve;
    });
    pending.settlers.add(settle);
    const forget = () => {
      pending.settlers.delete(settle);
      if (pending.settlers.size === 0 && this.#pending.get(event_id) === pending) this.#pending.delete(event_id);
    };
    return { settled, forget };
  }

  /** The same event may have been published by several. */
  settle(event_id: string, settled: Settled): void {
    const pending = this.#pending.get(event_id);
    this.#pending.delete(event_id);
    for (const settle of pending?.settlers ?? []) settle(settled);
  }

  settleAll(refusal: ProblemError): void {
    for (const event_id of [...this.#pending.keys()]) this.settle(event_id, refusal);
  }
}
