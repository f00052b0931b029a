/** Owns what the rest of the bridge knows of the store: where acknowledged events are, in order, for as long as they are kept. */
import type { Event, StoredEvent } from "../../shared/events/event.ts";
import type { EventFilter } from "../../shared/protocol/filter.ts";
import type { StoreHealth } from "../../shared/protocol/health.ts";
import type { ProblemError } from "../../shared/protocol/problem.ts";

/** What became of one event of an append. */
export type AppendOutcome =
  /** On disk (fsynced). A duplicate was on disk before, under this `seq`. */
  | { readonly kind: "stored"; readonly seq: number; readonly duplicate: boolean }
  /** Nothing was written for it. */
  | { readonly kind: "refused"; readonly problem: ProblemError };

/**
 * A last word on an event at the moment in which it gets its place in the order, called in that order and once for each
 * event that is no duplicate. It answers the problem for which the event is refused. What it takes in, it must remember:
 * the events that follow in the same batch are judged on top of it.
 */
export type Admission = (event: Event) => ProblemError | undefined;

export interface AppendOptions {
  readonly admit?: Admission;
  /** Where the bus read these events, kept with them, so that a bus that was away reads on from there. Opaque here. */
  readonly busCursor?: string;
}

export interface EventQuery {
  readonly filter: EventFilter;
  /** Only events with all these words: see `searchExpression`. */
  readonly search?: string;
  /** Only events with a greater `seq`. */
  readonly after?: number;
  /** Only events with a smaller `seq`. */
  readonly before?: number;
  /** At most this many. */
  readonly limit: number;
  /** By `seq`: `asc` from the oldest, `desc` from the newest. */
  readonly order: "asc" | "desc";
  readonly signal?: AbortSignal;
}

export interface EventStore {
  /** Random, made with the store: tells apart two stores that count alike. */
  readonly epoch: string;
  /** The oldest event that is still kept; `lastSeq + 1` when there is none. */
  readonly firstSeq: number;
  /** The newest event on disk; 0 before the first. */
  readonly lastSeq: number;
  /** The `busCursor` of the newest append that had one. */
  readonly busCursor: string | undefined;

  /** Opens the files, recovers what a crash left behind, and is ready for everything when it resolves. */
  start(): Promise<void>;
  /** Waits for appends in flight, then closes the files. */
  stop(): Promise<void>;

  /**
   * Appends events in the given order; resolves when they are on disk, with an outcome for each. Appends of several
   * callers are written and synced together, in the order of the calls.
   *
   * @throws ProblemError `store_unavailable` when the disk cannot be written; nothing of the append is then shown to anybody.
   */
  append(events: readonly Event[], options?: AppendOptions): Promise<readonly AppendOutcome[]>;

  /** Called with each batch of newly stored events, in `seq` order, after it is on disk and before its appends resolve. */
  onDidAppend(listener: (batch: readonly StoredEvent[]) => void): Disposable;

  /** Sees every event that was acknowledged before the call. Runs off the event loop. */
  query(query: EventQuery): Promise<readonly StoredEvent[]>;

  health(): StoreHealth;
}
