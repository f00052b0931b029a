/** Owns the events that a producer gives: of each type its own payload, the envelope filled in by the connection. */
import type { EventType, Payload } from "../shared/events/taxonomy.ts";

/** An event of one type. What is left out of `event_id` and `timestamp` is made when it is given. */
export interface ProducerEventOf<T extends EventType> {
  readonly event_type: T;
  readonly project_id: string;
  readonly session_id?: string | null;
  /** Required for `job.*`. */
  readonly job_id?: string | null;
  readonly data: Payload<T>;
  /** A UUID. The same one again is the same event. */
  readonly event_id?: string;
  /** When it occurred: RFC 3339. */
  readonly timestamp?: string;
  /** `internal` never leaves this machine for Telegram; `public` when absent. */
  readonly visibility?: "public" | "internal";
  /** The ids of the only chats that may be told; all, when absent. */
  readonly recipients?: readonly string[];
}

export type ProducerEvent = { [T in EventType]: ProducerEventOf<T> }[EventType];
