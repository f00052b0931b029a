/** Owns the check at the door: unknown input becomes an `EventInput`, or a list of what is wrong and where. */
import type * as z from "zod";
import { EVENT_DOMAINS, isEventTypeName } from "./domain.ts";
import { type Event, type EventInput, type EventSource, envelope } from "./event.ts";
import { isKnownEventType, payloadSchemas } from "./taxonomy.ts";

/** One thing that is wrong: `path` is a JSON Pointer into the event (RFC 6901), such as `/data/scope`. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

export type ParseResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Largest event that is taken, in bytes of its JSON. */
export const MAX_EVENT_BYTES = 256 * 1024;

/** What the bridge fills in where a producer left it out. */
export interface EventDefaults {
  /** A new UUID, version 7. */
  readonly newEventId: () => string;
  /** Now, in milliseconds since the epoch. */
  readonly nowMs: () => number;
  readonly source: EventSource;
}

/**
 * Checks one event and fills in its defaults.
 *
 * A known type's payload must fit its schema; extra fields in `data` are kept. A type that this version does not know is
 * kept when its domain is known, and refused otherwise.
 */
export function parseEvent(input: unknown, defaults: EventDefaults): ParseResult<Event> {
  const checked = envelope.safeParse(input);
  if (!checked.success) return { ok: false, issues: toIssues(checked.error) };

  const issues = [...typeIssues(checked.data), ...payloadIssues(checked.data), ...contextIssues(checked.data)];
  return issues.length > 0 ? { ok: false, issues } : { ok: true, value: complete(checked.data, defaults) };
}

function typeIssues({ event_type }: EventInput): Issue[] {
  if (isEventTypeName(event_type)) return [];
  const message = event_type.startsWith("stream.")
    ? `"${event_type}" is reserved for the bridge's own control events`
    : `"${event_type}" is not an event type: it must be one of ${EVENT_DOMAINS.map((domain) => `${domain}.*`).join(", ")}, in lower case`;
  return [{ path: "/event_type", message }];
}

function payloadIssues({ event_type, data }: EventInput): Issue[] {
  if (!isKnownEventType(event_type)) return [];
  const checked = payloadSchemas[event_type].safeParse(data ?? {});
  return checked.success ? [] : toIssues(checked.error, "/data");
}

/** A job's event names its job, a session's its session: without it nobody could show the event anywhere. */
function contextIssues(event: EventInput): Issue[] {
  if (event.event_type.startsWith("job.") && event.job_id == null) {
    return [{ path: "/job_id", message: `is required for ${event.event_type}` }];
  }
  if (event.event_type.startsWith("session.") && event.session_id == null) {
    return [{ path: "/session_id", message: `is required for ${event.event_type}` }];
  }
  return [];
}

/** As we write it: UTC, with milliseconds. */
const CANONICAL_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function canonicalTime(time: string | number): string {
  return typeof time === "string" && CANONICAL_TIME.test(time) ? time : new Date(time).toISOString();
}

function complete(input: EventInput, defaults: EventDefaults): Event {
  const event = {
    event_id: input.event_id?.toLowerCase() ?? defaults.newEventId(),
    event_type: input.event_type,
    timestamp: canonicalTime(input.timestamp ?? defaults.nowMs()),
    source: input.source ?? defaults.source,
    project_id: input.project_id,
    session_id: input.session_id ?? null,
    job_id: input.job_id ?? null,
    data: input.data ?? {},
    visibility: input.visibility ?? "public",
    recipients: input.recipients ?? ["all"],
  };
  // The one place where the checks above are turned into the type that they establish.
  return event as Event;
}

/** What zod found wrong, as JSON Pointers below `prefix`. */
export function toIssues(error: z.ZodError, prefix = ""): Issue[] {
  return error.issues.map((issue) => ({
    path: prefix + issue.path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""),
    message: issue.message,
  }));
}
