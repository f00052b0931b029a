/** Owns the gauges that say in numbers what `/healthz` says in words. */
import { Gauge, type Registry } from "prom-client";
import type { Health } from "../../shared/protocol/health.ts";

/** Each gauge with where its figure stands. */
const GAUGES: Readonly<Record<string, { readonly help: string; readonly read: (health: Health) => number }>> = {
  televibe_healthy: {
    help: "1 when all is well, 0 when degraded or worse",
    read: ({ status }) => (status === "healthy" ? 1 : 0),
  },
  televibe_queue_events: {
    help: "Events that were taken and not yet handed to all subscribers",
    read: ({ queue_size }) => queue_size,
  },
  televibe_handlers: {
    help: "Handlers that are subscribed to the bus",
    read: ({ handlers_registered }) => handlers_registered,
  },
  televibe_store_bytes: { help: "What the event store holds on disk", read: ({ store }) => store.bytes },
  televibe_store_writable: {
    help: "1 while events can be stored",
    read: ({ store }) => (store.state === "open" ? 1 : 0),
  },
  televibe_running_jobs: { help: "Jobs that run", read: ({ running_jobs }) => running_jobs },
  televibe_pending_approvals: {
    help: "Approvals that wait for a decision",
    read: ({ pending_approvals }) => pending_approvals,
  },
  televibe_bus_connected: {
    help: "1 while the bus is connected; the embedded one always is",
    read: ({ bus }) => (bus.state === "connected" ? 1 : 0),
  },
  televibe_bus_outbox_events: { help: "Events on disk that wait for Redis", read: ({ bus }) => bus.waiting },
  televibe_telegram_connected: {
    help: "1 while Telegram is reached",
    read: ({ telegram }) => (telegram.state === "connected" ? 1 : 0),
  },
  televibe_telegram_queue_messages: {
    help: "Telegram messages that wait to be sent",
    read: ({ telegram }) => telegram.queued_messages,
  },
};

export class HealthGauges {
  readonly #gauges: readonly { readonly gauge: Gauge; readonly read: (health: Health) => number }[];
  readonly #storeSeq: Gauge<"edge">;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#gauges = Object.entries(GAUGES).map(([name, { help, read }]) => ({
      gauge: new Gauge({ name, help, registers }),
      read,
    }));
    this.#storeSeq = new Gauge({
      name: "televibe_store_seq",
      help: "The oldest and the newest event that is kept",
      labelNames: ["edge"],
      registers,
    });
  }

  set(health: Health): void {
    for (const { gauge, read } of this.#gauges) gauge.set(read(health));
    this.#storeSeq.set({ edge: "first" }, health.store.first_seq);
    this.#storeSeq.set({ edge: "last" }, health.store.last_seq);
  }
}
