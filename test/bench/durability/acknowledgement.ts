/** Owns what a producer keeps of each of its events: what it sent, and what the bridge answered. */

export interface Acknowledgement {
  readonly seq: number;
  /** The n-th event of its publisher, from 0. */
  readonly count: number;
  readonly publisher: string;
  /** As it was sent. */
  readonly event: PublishedEvent;
}

export interface PublishedEvent {
  readonly event_id: string;
  readonly timestamp: string;
  readonly [field: string]: unknown;
}
