/** Owns what one reader of a stream saw over a whole run, reconnects included: the evidence that the validators judge. */

export type HistoryEntry =
  /** It asked to go on behind a `seq`. */
  | { readonly kind: "connected"; readonly after: number }
  | { readonly kind: "event"; readonly seq: number; readonly eventId: string }
  /** The bridge said that these cannot be had; both ends included. */
  | { readonly kind: "gap"; readonly from: number; readonly to: number; readonly reason: string }
  /** The bridge said that everything up to here which the filter lets through was sent. */
  | { readonly kind: "bookmark"; readonly seq: number };

export interface StreamHistory {
  readonly reader: string;
  readonly entries: readonly HistoryEntry[];
}

/** An event as it is on disk. */
export interface TrueEvent {
  readonly seq: number;
  readonly eventId: string;
}

/** A broken promise, in a sentence. */
export interface Violation {
  readonly rule: string;
  readonly message: string;
}
