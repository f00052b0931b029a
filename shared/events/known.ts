/** Owns telling known events apart without loading their schemas, so that clients stay small. */
import type { Event, KnownEvent, StoredEvent } from "./event.ts";
import type { EventType } from "./taxonomy.ts";

/** Every event type, by name. `satisfies` keeps it equal to the taxonomy: one missing or one too many does not compile. */
const KNOWN_TYPES = {
  "orchestrator.started": true,
  "orchestrator.stopped": true,
  "orchestrator.error": true,
  "project.registered": true,
  "project.removed": true,
  "project.scanned": true,
  "session.created": true,
  "session.state_changed": true,
  "session.workspace_ready": true,
  "session.closed": true,
  "session.error": true,
  "job.queued": true,
  "job.started": true,
  "job.progress": true,
  "job.tool_started": true,
  "job.tool_completed": true,
  "job.approval_needed": true,
  "job.approved": true,
  "job.denied": true,
  "job.completed": true,
  "job.failed": true,
  "job.canceled": true,
  "task.created": true,
  "task.claimed": true,
  "task.status_changed": true,
  "task.completed": true,
  "coordination.message_sent": true,
  "coordination.export_declared": true,
  "coordination.conflict_detected": true,
  "coordination.sync_point_reached": true,
} satisfies Record<EventType, true>;

/** All event types of this version, in the specification's order. */
export const EVENT_TYPES: readonly string[] = Object.keys(KNOWN_TYPES);

/** Events come with type names of their own, which a set finds faster than an object does. */
const KNOWN: ReadonlySet<string> = new Set(EVENT_TYPES);

/** Narrows an event to the union whose payloads are typed. */
export function isKnownEvent(event: StoredEvent): event is KnownEvent & { readonly seq: number };
export function isKnownEvent(event: Event): event is KnownEvent;
export function isKnownEvent(event: Event): event is KnownEvent {
  return KNOWN.has(event.event_type);
}
