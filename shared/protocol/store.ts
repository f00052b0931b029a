/** Owns what `/v1/store` says and takes: how the event store is, how long it keeps what, and what its upkeep found. */
import type { GapReason } from "./controlEvent.ts";
import type { StoreHealth } from "./health.ts";

/** Both ends included. */
export interface StoreRange {
  readonly from: number;
  readonly to: number;
}

/** A session whose events, and whose jobs' logs, stay whatever their age and size. */
export interface PinnedSession {
  readonly project_id: string;
  readonly session_id: string;
}

/** How long events and logs are kept. */
export interface RetentionSettings {
  /** Whole days; null keeps them for ever. */
  readonly days: number | null;
  /** Bytes of events' files and logs together; past it the oldest go first. Null is without bound. */
  readonly max_bytes: number | null;
  /** What is kept for another time than `days`. */
  readonly projects: Readonly<Record<string, { readonly days: number | null }>>;
  readonly pinned: readonly PinnedSession[];
}

/** Answer of `GET /v1/store/retention`, and of what changes it. */
export interface RetentionReport {
  /** Null while the file has been wrong since the start: nothing is removed then. */
  readonly settings: RetentionSettings | null;
  readonly file: string;
  /** What is wrong with the file, naming the field; null when nothing is. */
  readonly problem: string | null;
  /** When a pass ended last (RFC 3339), and what it removed; null before the first. */
  readonly last_pass: RetentionPass | null;
}

export interface RetentionPass {
  readonly ended_at: string;
  readonly events: number;
  readonly logs: number;
  readonly bytes: number;
}

/** Body of `POST /v1/store/retention`: what is given changes, all else stays. `projects` with null drops its own time. */
export interface RetentionChange {
  readonly days?: number | null;
  readonly max_bytes?: number | null;
  readonly projects?: Readonly<Record<string, { readonly days: number | null } | null>>;
}

/** Answer of `GET /v1/store`. */
export interface StoreInfo extends StoreHealth {
  /** The version of the files' layout. */
  readonly format: number;
  readonly directory: string;
  readonly events: number;
  /** The oldest and the newest event's own time (RFC 3339); null without events. */
  readonly oldest: string | null;
  readonly newest: string | null;
  readonly partitions: { readonly sealed: number; readonly waiting: number; readonly bytes: number };
  /** Events that are not in a partition's file yet. */
  readonly journal: { readonly events: number; readonly bytes: number };
  readonly logs: { readonly bytes: number };
  /** Lost to damage. */
  readonly gaps: readonly StoreRange[];
  /** Where retention has removed some events, or all, and left others round them. */
  readonly thinned: readonly StoreRange[];
  readonly retention: RetentionReport;
  readonly warnings: readonly string[];
}

/** A line of what a long piece of work on the store says while it goes on. */
export type StoreProgress =
  | { readonly kind: "progress"; readonly done: number; readonly total: number; readonly what: string }
  | { readonly kind: "problem"; readonly what: string; readonly message: string };

/** Last line of `GET /v1/store/verify`. */
export interface VerifyResult {
  readonly kind: "verified";
  readonly partitions: number;
  readonly events: number;
  readonly problems: number;
}

/** Last line of `POST /v1/store/compact`. */
export interface CompactResult {
  readonly kind: "compacted";
  readonly bytes_before: number;
  readonly bytes_after: number;
  readonly events_removed: number;
  readonly partitions_before: number;
  readonly partitions_after: number;
}

/** Why a page of `GET /v1/events` is not all that there was. */
export interface QueryGap extends StoreRange {
  readonly reason: GapReason;
}
