/** Owns the publishers that wait until their event, which Redis took, is in the local store. */
import type { Event } from "../../../shared/events/event.ts";
import type { ProblemError } from "../../../shared/protocol/problem.ts";
import type { AppendOutcome } from "../../store/eventStore.ts";

/** What became of it, why that cannot be told, or that it waits on disk for its place. */
export type Settled = AppendOutcome | ProblemError | "waiting";

export interface PendingPublish {
  readonly event: Event;
  settle(settled: Settled): void;
}

export interface Expectation {
  /** Travels with the entry, so that what comes back is told apart from the same event published elsewhere, or twice. */
  readonly token: string;
  readonly settled: Promise<Settled>;
  forget(): void;
}

export class PendingPublishes {
  readonly #pending = new Map<string, PendingPublish>();
  readonly #instanceId: string;
  #count = 0;

  /** @param instanceId tells this process's tokens apart from all others'. */
  constructor(instanceId: string) {
    this.#instanceId = instanceId;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** Begins to wait. To be called before the event is sent: it may come back at once. */
  expect(event: Event): Expectation {
    this.#count += 1;
    const token = `${this.#instanceId}:${this.#count}`;
    let settle: (settled: Settled) => void = () => undefined;
    const settled = new Promise<Settled>((resolve) => {
      settle = resolve;
    });
    this.#pending.set(token, { event, settle });
    return { token, settled, forget: () => void this.#pending.delete(token) };
  }

  settle(token: string, settled: Settled): void {
    const pending = this.#pending.get(token);
    this.#pending.delete(token);
    pending?.settle(settled);
  }

  settleAll(refusal: ProblemError): void {
    for (const { settle } of this.takeAll()) settle(refusal);
  }

  /** Takes all over, oldest first: whoever takes them settles them. */
  takeAll(): readonly PendingPublish[] {
    const all = [...this.#pending.values()];
    this.#pending.clear();
    return all;
  }
}
