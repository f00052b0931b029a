/** Owns the columns by which an event is found: the same in a partition that grows, in a saved body and in a check. */
import type { Event } from "../../shared/events/event.ts";

/** The columns of the table `events` by which an event is found: event_id, type, ts (ms), project, session, job. */
export type EventColumns = readonly [
  eventId: string,
  type: string,
  timestampMs: number,
  project: string,
  session: string | null,
  job: string | null,
];

export function eventColumns(event: Event): EventColumns {
  const { event_id, event_type, timestamp, project_id, session_id, job_id } = event;
  return [event_id, event_type, Date.parse(timestamp), project_id, session_id, job_id];
}

/** A row of it, but for the checksum: `body` is the event's JSON, without `seq`. */
export type EventRow = readonly [seq: number, ...columns: EventColumns, body: string];

/** `body` is the event's JSON as it is stored. */
export function eventRow(seq: number, event: Event, body: string): EventRow {
  return [seq, ...eventColumns(event), body];
}
