/** Owns the columns by which an event is found: the same from the main thread, from the journal and from a saved body. */
import type { Event } from "../../shared/events/event.ts";
import type { EventRow } from "./worker/messages.ts";

/** `body` is the event's JSON as it is stored. */
export function eventRow(seq: number, event: Event, body: string): EventRow {
  const { event_id, event_type, timestamp, project_id, session_id, job_id } = event;
  return [seq, event_id, event_type, Date.parse(timestamp), project_id, session_id, job_id, body];
}
