/** The part of a bridge that events pass: a store, the ledger, a bus, the projection and the approvals on it. */

import { v7 } from "uuid";
import { Approvals } from "../../../bridge/approvals/approvals.ts";
import { ApprovalLedger } from "../../../bridge/approvals/ledger.ts";
import type { EventBus } from "../../../bridge/bus/eventBus.ts";
import { createLogger, type Logger } from "../../../bridge/diagnostics/logger.ts";
import { Projection } from "../../../bridge/projection/projection.ts";
import type { EventStore } from "../../../bridge/store/eventStore.ts";
import type { Event, StoredEvent } from "../../../shared/events/event.ts";
import { NO_RULES } from "../../builders/noRules.ts";

export interface BusParts {
  readonly store: EventStore;
  readonly ledger: ApprovalLedger;
  readonly onAppendFailed: () => void;
  readonly log: Logger;
}

export interface Node extends AsyncDisposable {
  readonly bus: EventBus;
  readonly store: EventStore;
  readonly projection: Projection;
  readonly approvals: Approvals;
  /** What a handler of everything was given. */
  readonly seen: readonly StoredEvent[];
  readonly logLines: readonly string[];
  /** Stops the bus; the store stays open. */
  stop(): Promise<void>;
}

/** Takes a store that is open. */
export async function startNode(store: EventStore, makeBus: (parts: BusParts) => EventBus): Promise<Node> {
  const ledger = new ApprovalLedger();
  const logLines: string[] = [];
  const log = createLogger({ write: (line) => logLines.push(line), nowMs: Date.now });
  const bus = makeBus({ store, ledger, onAppendFailed: () => ledger.reset(projection.state), log });
  const projection = new Projection({ store, bus, log });
  const approvals = new Approvals({
    bus,
    projection,
    newEventId: v7,
    nowMs: Date.now,
    instanceId: "test",
    rules: NO_RULES,
    log,
  });
  const seen: StoredEvent[] = [];
  await projection.start();
  ledger.reset(projection.state);
  bus.subscribe("*", (batch) => seen.push(...batch));
  await bus.start();
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= bus.stop();
    return stopped;
  };
  return { bus, store, projection, approvals, seen, logLines, stop, [Symbol.asyncDispose]: stop };
}

/** What tells the events of `progress` apart. */
export function messages(events: readonly Event[]): unknown[] {
  return events.flatMap(({ data }) => ("message" in data ? [data.message] : []));
}

export function ids(events: readonly Event[]): string[] {
  return events.map(({ event_id }) => event_id);
}

/** Everything in a store, oldest first. */
export function stored(store: EventStore): Promise<readonly StoredEvent[]> {
  return store.query({ filter: {}, limit: 1_000_000, order: "asc" });
}
