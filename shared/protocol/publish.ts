/** Owns what a publish is answered with. */
import type { ProblemDocument } from "./problem.ts";

export interface PublishResult {
  readonly event_id: string;
  /**
   * The event's place in the bridge's order. Null while Redis is away: the event is on disk and gets its place when
   * Redis is back.
   */
  readonly seq: number | null;
  /** The very same event was published before; `seq` is the first one's. */
  readonly duplicate: boolean;
  /**
   * Why this one event of a batch was not taken, such as `event_id_conflict` or `already_decided`; the others were. A
   * publish of one event is answered with the problem itself.
   */
  readonly problem?: ProblemDocument;
}

export interface PublishResponse {
  readonly results: readonly PublishResult[];
}
