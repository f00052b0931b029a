/** Owns when two events are the same event: what they say is the same JSON, whatever the order of its keys. */
import { hash } from "node:crypto";
import type { Event } from "../../shared/events/event.ts";

/** JSON with sorted keys; absent and `undefined` are the same. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
}

/** 132 bits of SHA-256 over the canonical JSON of what an event says: by this it is known again. */
export function contentHash(event: Event): string {
  return hash("sha256", canonicalJson(asPublished(event)), "base64url").slice(0, 22);
}

/**
 * What is the same when a producer sends an event again. Where it leaves out when it was, or who tells it, the bridge fills
 * that in, anew each time; and what its rules add to a question depends on when it came.
 */
function asPublished({ timestamp: _at, source: _by, ...event }: Event): object {
  if (event.event_type !== "job.approval_needed") return event;
  const { expires_at: _until, on_timeout: _decision, offers: _offers, ...data } = event.data;
  return { ...event, data };
}

/** The event as it is stored: a `seq` from elsewhere (an event that was read from another store) is no part of it. */
export function withoutSeq(event: Event): Event {
  if (!("seq" in event)) return event;
  const { seq: _seq, ...rest } = event;
  return rest;
}

/** The event that a stored body holds: we wrote it, after it was checked at the door. */
export function parseBody(body: string): Event {
  return JSON.parse(body);
}
