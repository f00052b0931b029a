/** Owns the columns by which an event is found: the same in a partition that grows, in a saved body and in a check. */
import type { Event } from "../../shared/events/event.ts";

/** A row of the table `events`: seq, event_id, type, ts (ms), project, session, job, body (the event's JSON, without `seq`). */
export type EventRow = readonly [
  seq: number,
  eventId: string,
  type: string,
  timestampMs: number,
  project: string,
  session: string | null,
  job: string | null,
  body: string,
];

/** `body` is the event's JSON as it is stored. */
export function eventRow(seq: number, event: Event, body: string): EventRow {
  const { event_id, event_type, timestamp, project_id, session_id, job_id } = event;
  return [seq, event_id, event_type, Date.parse(timestamp), project_id, session_id, job_id, body];
}
