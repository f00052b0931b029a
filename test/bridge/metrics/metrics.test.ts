import { describe, expect, it } from "vitest";
import { BoundedLabel, eventTypeLabel, MAX_PROJECT_LABELS } from "../../../bridge/metrics/boundedLabels.ts";
import { postEvents, progress, send, startTestServer } from "../http/testServer.ts";

/** Every name that docs/protocol.md promises. */
const NAMES = [
  "televibe_events_total",
  "televibe_event_processing_seconds",
  "televibe_publish_duration_seconds",
  "televibe_events_ingested_total",
  "televibe_events_delivered_total",
  "televibe_replay_events_total",
  "televibe_replay_gaps_total",
  "televibe_subscriber_disconnects_total",
  "televibe_subscribers",
  "televibe_subscriber_queue_bytes_max",
  "televibe_queue_events",
  "televibe_handlers",
  "televibe_healthy",
  "televibe_store_bytes",
  "televibe_store_seq",
  "televibe_store_writable",
  "televibe_running_jobs",
  "televibe_pending_approvals",
  "televibe_bus_connected",
  "televibe_bus_outbox_events",
  "televibe_telegram_connected",
  "televibe_telegram_queue_messages",
  "televibe_build_info",
  "process_cpu_seconds_total",
  "nodejs_eventloop_lag_seconds",
];

describe("/metrics", () => {
  it.each(NAMES)("exports %s", async (name) => {
    await using server = await startTestServer();
    const { text, headers, status } = await send(server, { path: "/metrics" });
    expect(status).toBe(200);
    expect(headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toMatch(new RegExp(`^# TYPE ${name} `, "m"));
  });

  it("counts what happened", async () => {
    await using server = await startTestServer();
    await postEvents(server, [progress(1), progress(2), progress(3, { event_type: "job.later" })]);
    await postEvents(server, progress(4, { event_id: server.store.events[0]?.event_id }));
    const { text } = await send(server, { path: "/metrics" });
    expect(text).toContain('televibe_events_total{event_type="job.progress",project_id="p"} 2');
    expect(text).toContain('televibe_events_total{event_type="other",project_id="p"} 1');
    expect(text).toContain('televibe_events_ingested_total{result="stored"} 3');
    expect(text).toContain('televibe_events_ingested_total{result="duplicate"} 1');
    expect(text).toContain('televibe_event_processing_seconds_count{event_type="job.progress"} 2');
    expect(text).toContain("televibe_publish_duration_seconds_count 2");
    expect(text).toContain('televibe_store_seq{edge="last"} 3');
    expect(text).toContain('televibe_build_info{version="0.0.0-test"} 1');
  });
});

describe("labels", () => {
  it("are bounded: beyond so many projects there is one for all others", () => {
    const label = new BoundedLabel(MAX_PROJECT_LABELS);
    for (let count = 0; count < MAX_PROJECT_LABELS; count += 1) expect(label.label(`p${count}`)).toBe(`p${count}`);
    expect(label.label("one more")).toBe("other");
    expect(label.label("p0")).toBe("p0");
  });

  it("name only the event types of this version", () => {
    expect(eventTypeLabel("job.started")).toBe("job.started");
    expect(eventTypeLabel("job.invented")).toBe("other");
  });
});
