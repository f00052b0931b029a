/** Owns what the main thread and the store's worker say to each other. */

/** A sealed partition, as its sidecar describes it. */
export interface SealedPartition {
  readonly first: number;
  readonly last: number;
  readonly events: number;
  /** Events' own timestamps, milliseconds; 0 when it holds no event. */
  readonly oldestMs: number;
  readonly newestMs: number;
  /** When it was sealed: no event in it came later. */
  readonly sealedAtMs: number;
  readonly bytes: number;
  /** The bits of its Bloom filters over event ids, and over what queries ask for. */
  readonly ids: Uint8Array;
  readonly terms: Uint8Array;
}

/** What of a filter concerns rows. Several values of one field mean any of them; the fields must all hold. */
export interface RowFilter {
  readonly project?: readonly string[];
  readonly session?: readonly string[];
  readonly job?: readonly string[];
  readonly type?: readonly string[];
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Words that must all be there. */
  readonly search?: string;
}

export interface RowQuery {
  readonly filter: RowFilter;
  /** Neither end included. */
  readonly after: number;
  readonly before: number;
  readonly limit: number;
  readonly order: "asc" | "desc";
}

export interface FoundRow {
  readonly seq: number;
  readonly eventId: string;
  readonly body: string;
}

/**
 * Which rows may go: those whose time lies before their project's and that are of no pinned session. Their time counts for
 * at least `leastMs` and at most `mostMs`.
 */
export interface RemovalRequest {
  readonly beforeMs: number;
  readonly projects: readonly (readonly [project: string, beforeMs: number])[];
  readonly pinned: readonly (readonly [project: string, session: string])[];
  readonly leastMs: number;
  readonly mostMs: number;
}

/** By rows, and by characters of their bodies. */
export interface RemovalWeight {
  readonly events: number;
  readonly bytes: number;
  readonly removableEvents: number;
  readonly removableBytes: number;
  /** The first and the last that may go; 0 without any. */
  readonly removableFrom: number;
  readonly removableTo: number;
}

/** Each operation's request and response. `partition` is its first `seq`. */
export interface Operations {
  /**
   * Lists what is sealed, after removing what was half written or ends before `firstSeq`. A damaged file is set aside;
   * what is whole in it is written anew, unless the partition is one of `inJournal`, which is the better source.
   */
  open: {
    request: { firstSeq: number; inJournal: readonly number[] };
    response: { partitions: readonly SealedPartition[] };
  };
  /** Whether a sealed partition's file is, byte for byte, what was written. */
  verify: { request: { partition: number }; response: boolean };
  /** Sets a sealed partition's file aside: the journal still has its events. */
  setAside: { request: { partition: number }; response: null };
  /** Adds events, as lines of the journal, to a partition in memory. Those that it has already are passed over. */
  append: { request: { partition: number; lines: Uint8Array }; response: null };
  /** Writes a partition in memory to its file, if it has as many events as it should: its journal goes after that. */
  seal: {
    request: { partition: number; last: number; events: number; sealedAtMs: number };
    response: SealedPartition;
  };
  /** seq and body of matching rows. An unknown partition (removed in between) has none. */
  query: { request: { partition: number; query: RowQuery }; response: readonly (readonly [number, string])[] };
  /** The rows with these event ids. */
  find: { request: { partition: number; eventIds: readonly string[] }; response: readonly FoundRow[] };
  /** Closes a partition and deletes its files. */
  remove: { request: { partition: number }; response: null };
  /** What of the next so many rows behind `after` may go; `next` is where to go on, null at the end. */
  weigh: {
    request: { partition: number; after: number; rows: number; removal: RemovalRequest };
    response: { weight: RemovalWeight; next: number | null };
  };
  /** Takes what stays of the next so many rows (all, without rules) over into a draft: a new one, or one that must be there. */
  copy: {
    request: {
      draft: number;
      isNew: boolean;
      partition: number;
      after: number;
      rows: number;
      removal: RemovalRequest | null;
    };
    response: { next: number | null };
  };
  /** Writes a draft as the partition `first` to `last`, in the place of those that it was made from. */
  finishDraft: {
    request: { draft: number; first: number; last: number; sealedAtMs: number; replaces: readonly number[] };
    response: SealedPartition;
  };
  /** What is wrong with a sealed partition's file, its sidecar or its structure, in words. Changes nothing. */
  checkFile: { request: { partition: number }; response: { problems: readonly string[] } };
  /** What is wrong with the next so many rows behind `after`, and which numbers they have. */
  checkRows: {
    request: { partition: number; after: number; rows: number };
    response: { events: number; present: readonly SeqSpan[]; problems: readonly string[]; next: number | null };
  };
  /** Forgets a draft. */
  dropDraft: { request: { draft: number }; response: null };
}

export type Operation = keyof Operations;
export type RequestOf<K extends Operation> = Operations[K]["request"];
export type ResponseOf<K extends Operation> = Operations[K]["response"];

export type RequestMessage = { [K in Operation]: { id: number; kind: K; request: RequestOf<K> } }[Operation];

export type ReplyMessage =
  | { readonly id: number; readonly response: ResponseOf<Operation> }
  | { readonly id: number; readonly error: { readonly message: string; readonly code?: string } }
  /** A sealed partition was damaged: its file was set aside, what is whole was kept, the rest is lost. */
  | {
      readonly damaged: {
        readonly sealed: SealedPartition;
        readonly keptAs: string;
        readonly lost: readonly SeqSpan[];
      };
    };

export interface SeqSpan {
  readonly from: number;
  readonly to: number;
}

export interface WorkerOptions {
  /** Where the sealed partitions are. */
  readonly directory: string;
  /** sql.js's WebAssembly. */
  readonly wasmFile: string;
  /** Sealed partitions that are held open for reading, at most. */
  readonly maxOpenPartitions: number;
}
