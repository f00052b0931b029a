/**
 * Owns the event: its envelope's schema, and the discriminated union over `event_type` that follows from the taxonomy.
 * What crosses the wire keeps the specification's snake_case names.
 */
import * as z from "zod";
import type { EVENT_DOMAINS } from "./domain.ts";
import { eventIdentifier, identifier, jobIdentifier } from "./identifier.ts";
import { timestamp } from "./payload.ts";
import type { EventType, Payload } from "./taxonomy.ts";

/** What generated an event. */
export const eventSource = z.strictObject({
  /** Such as `runner`, `orchestrator`, `session_manager`. */
  component: identifier,
  /** Tells apart several of the same component. */
  instance_id: identifier,
});

/** `internal` events never leave the machine for Telegram. */
export const visibility = z.enum(["public", "internal"]);

/** `["all"]`, or the ids of the only chats that may be told. */
export const recipients = z
  .array(z.string().min(1).max(64))
  .min(1, "must name at least one chat, or be left out")
  .max(100);

/**
 * The envelope as a producer may send it: what has a default may be absent. Unknown top-level fields are refused, since
 * a misspelt one would otherwise be lost in silence; producers' own facts belong in `data`.
 */
export const envelope = z.strictObject({
  event_id: eventIdentifier.optional(),
  event_type: z.string(),
  timestamp: timestamp.optional(),
  source: eventSource.optional(),
  project_id: identifier,
  session_id: identifier.nullish(),
  job_id: jobIdentifier.nullish(),
  data: z.record(z.string(), z.unknown()).optional(),
  visibility: visibility.optional(),
  recipients: recipients.optional(),
});

export type EventSource = z.infer<typeof eventSource>;
export type Visibility = z.infer<typeof visibility>;

interface Envelope {
  /** UUID; version 7 where we made it. */
  readonly event_id: string;
  /** When it occurred: RFC 3339, UTC, milliseconds. */
  readonly timestamp: string;
  readonly source: EventSource;
  readonly project_id: string;
  readonly session_id: string | null;
  readonly job_id: string | null;
  readonly visibility: Visibility;
  readonly recipients: readonly string[];
}

/** An event of one type that this version knows. */
export interface EventOf<T extends EventType> extends Envelope {
  readonly event_type: T;
  readonly data: Payload<T>;
}

/** The discriminated union over `event_type`. */
export type KnownEvent = { [T in EventType]: EventOf<T> }[EventType];

/** An event of a type that a later version added to one of our domains: kept and passed on, its payload unchecked. */
export interface UnknownEvent extends Envelope {
  readonly event_type: `${(typeof EVENT_DOMAINS)[number]}.${string}`;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A complete event, every default filled in. */
export type Event = KnownEvent | UnknownEvent;

/** An event that the bridge has stored: `seq` is its place in the bridge's one total order, counted from 1. */
export type StoredEvent = Event & { readonly seq: number };

/** What a producer sends: `event_id`, `timestamp`, `source`, `visibility` and `recipients` have defaults. */
export type EventInput = z.infer<typeof envelope>;
