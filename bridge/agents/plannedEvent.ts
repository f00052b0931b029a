/** Owns the form of what is going to be published: what it says, without what every event of a call has in common. */
import type { EventType, Payload } from "../../shared/events/taxonomy.ts";

export type PlannedEvent = {
  [T in EventType]: { readonly event_type: T; readonly job_id: string | null; readonly data: Payload<T> };
}[EventType];
