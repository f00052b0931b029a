/** Owns what `/metrics` shows: one registry of its own, Prometheus's naming, base units, no label without a bound. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { StoredEvent } from "../../shared/events/event.ts";
import type { GapReason } from "../../shared/protocol/controlEvent.ts";
import type { Health } from "../../shared/protocol/health.ts";
import { BoundedLabel, eventTypeLabel, MAX_PROJECT_LABELS } from "./boundedLabels.ts";
import { HealthGauges } from "./healthGauges.ts";

type Transport = "sse" | "ws";
type PublishOutcome = "stored" | "duplicate" | "waiting" | "refused";

/** From half a millisecond (a group commit on a fast disk) to where something is badly wrong. */
const SECONDS_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What is read at the moment of the scrape. */
export interface MetricsSnapshot {
  readonly health: Health;
  readonly subscribers: Readonly<Record<Transport, number>>;
  readonly longestQueueBytes: number;
}

export class Metrics {
  readonly contentType: string;
  readonly #registry = new Registry();
  readonly #projects = new BoundedLabel(MAX_PROJECT_LABELS);
  readonly #gauges: HealthGauges;
  readonly #subscribers: Gauge<"transport">;
  readonly #longestQueue: Gauge;
  readonly #events: Counter<"event_type" | "project_id">;
  readonly #processing: Histogram<"event_type">;
  readonly #publishDuration: Histogram;
  readonly #ingested: Counter<"result">;
  readonly #delivered: Counter<"transport">;
  readonly #replayed: Counter<"transport">;
  readonly #gaps: Counter<"reason">;
  readonly #disconnects: Counter<"transport" | "reason">;

  constructor({ version }: { readonly version: string }) {
    const registers = [this.#registry];
    this.contentType = this.#registry.contentType;
    collectDefaultMetrics({ register: this.#registry });
    this.#gauges = new HealthGauges(this.#registry);
    new Gauge({
      name: "televibe_build_info",
      help: "1, labelled with the version that runs",
      labelNames: ["version"],
      registers,
    }).set({ version }, 1);
    this.#subscribers = new Gauge({
      name: "televibe_subscribers",
      help: "Readers of the event stream",
      labelNames: ["transport"],
      registers,
    });
    this.#longestQueue = new Gauge({
      name: "televibe_subscriber_queue_bytes_max",
      help: "What waits for the reader with the longest queue, in this process",
      registers,
    });
    this.#events = new Counter({
      name: "televibe_events_total",
      help: `Events that were stored; beyond ${MAX_PROJECT_LABELS} projects the label is "other"`,
      labelNames: ["event_type", "project_id"],
      registers,
    });
    this.#processing = new Histogram({
      name: "televibe_event_processing_seconds",
      help: "From an event being accepted to it being on disk and handed to every subscriber",
      labelNames: ["event_type"],
      buckets: SECONDS_BUCKETS,
      registers,
    });
    this.#publishDuration = new Histogram({
      name: "televibe_publish_duration_seconds",
      help: "From a publish being accepted, of one event or many, to its acknowledgement",
      buckets: SECONDS_BUCKETS,
      registers,
    });
    this.#ingested = new Counter({
      name: "televibe_events_ingested_total",
      help: "Events that producers published here, by what became of them",
      labelNames: ["result"],
      registers,
    });
    this.#delivered = new Counter({
      name: "televibe_events_delivered_total",
      help: "Events that were sent live, counted once a reader",
      labelNames: ["transport"],
      registers,
    });
    this.#replayed = new Counter({
      name: "televibe_replay_events_total",
      help: "Events that were sent to readers that caught up, counted once a reader",
      labelNames: ["transport"],
      registers,
    });
    this.#gaps = new Counter({
      name: "televibe_replay_gaps_total",
      help: "Times a reader was told that events it asked for are gone",
      labelNames: ["reason"],
      registers,
    });
    this.#disconnects = new Counter({
      name: "televibe_subscriber_disconnects_total",
      help: "Readers whose connection ended, by why",
      labelNames: ["transport", "reason"],
      registers,
    });
  }

  /** Counts stored events, wherever they were published. */
  countEvents(batch: readonly StoredEvent[]): void {
    for (const { event_type, project_id } of batch) {
      this.#events.inc({ event_type: eventTypeLabel(event_type), project_id: this.#projects.label(project_id) });
    }
  }

  countIngested(result: PublishOutcome, count: number): void {
    this.#ingested.inc({ result }, count);
  }

  /** `eventTypes` are those that went all the way to the subscribers. */
  observePublish(seconds: number, eventTypes: readonly string[]): void {
    this.#publishDuration.observe(seconds);
    for (const eventType of eventTypes) this.#processing.observe({ event_type: eventTypeLabel(eventType) }, seconds);
  }

  countDelivered(transport: Transport, count: number): void {
    this.#delivered.inc({ transport }, count);
  }

  countReplayed(transport: Transport, count: number): void {
    this.#replayed.inc({ transport }, count);
  }

  countGap(reason: GapReason): void {
    this.#gaps.inc({ reason });
  }

  countDisconnect(transport: Transport, reason: "slow" | "stalled" | "silent"): void {
    this.#disconnects.inc({ transport, reason });
  }

  /** Everything, in the text form of `contentType`. */
  async render(snapshot: MetricsSnapshot): Promise<string> {
    this.#gauges.set(snapshot.health);
    this.#subscribers.set({ transport: "sse" }, snapshot.subscribers.sse);
    this.#subscribers.set({ transport: "ws" }, snapshot.subscribers.ws);
    this.#longestQueue.set(snapshot.longestQueueBytes);
    return this.#registry.metrics();
  }
}
