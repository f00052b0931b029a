/** Makes test events that can be counted. */
import type { UnknownEvent } from "../../../shared/events/event.ts";

/** The n-th event: always the same id for the same number. */
export function eventNumber(number: number, changes: Partial<UnknownEvent> = {}): UnknownEvent {
  return {
    event_id: `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`,
    event_type: "job.started",
    timestamp: new Date(Date.UTC(2026, 10, 1) + number * 1000).toISOString(),
    source: { component: "runner", instance_id: "one" },
    project_id: "televibe",
    session_id: "main",
    job_id: `job-${number % 10}`,
    data: { number, note: "line one\nline two, \u00e9 \u{1f680}" },
    visibility: "public",
    recipients: ["all"],
    ...changes,
  };
}
