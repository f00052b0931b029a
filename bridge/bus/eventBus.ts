/**
 * Owns what the rest of the bridge knows of the bus: events go in at one end, get on disk and into the one order, and
 * come out at the other end in that order. Which bus it is, the composition root decides.
 */
import type { Event, StoredEvent } from "../../shared/events/event.ts";
import type { EventPattern } from "../../shared/events/pattern.ts";
import type { BusHealth } from "../../shared/protocol/health.ts";
import type { PublishResult } from "../../shared/protocol/publish.ts";

/** Gets batches of stored events in `seq` order. It must not block: what takes time, it queues for itself. */
export type EventHandler = (batch: readonly StoredEvent[]) => void;

export interface BusStatus extends BusHealth {
  /** Events that were taken and not yet handed to all handlers. */
  readonly queue_size: number;
  readonly handlers_registered: number;
}

export interface EventBus {
  start(): Promise<void>;
  /** Takes nothing more and waits for what is in flight. */
  stop(): Promise<void>;

  /**
   * Publishes events in the given order. Resolves once they are acknowledged: on disk and, unless `seq` is null, in the
   * order and seen by the handlers. An event that is refused has a `problem` in its result; the others went through.
   *
   * @throws ProblemError `store_unavailable` or `stopping`, when nothing of it was taken.
   */
  publish(events: readonly Event[]): Promise<readonly PublishResult[]>;

  /** Calls a handler with the events that match a pattern (`*`, `job.*`, one type), from now on. */
  subscribe(pattern: EventPattern, handler: EventHandler): Disposable;

  /** A project's events since a time (RFC 3339), oldest first. */
  history(query: { project_id: string; since: string; limit: number }): Promise<readonly Event[]>;

  status(): BusStatus;
  onDidChangeStatus(listener: (status: BusStatus) => void): Disposable;
}
