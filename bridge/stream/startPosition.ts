/** Owns where a reader begins: what its cursor means to the store that is here now. */
import type { GapReason } from "../../shared/protocol/controlEvent.ts";
import type { Cursor } from "../../shared/protocol/cursor.ts";

/** What there is to read. */
export interface StoreRange {
  readonly epoch: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** Events that were asked for and cannot be had: `from` to `to`, both included. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly reason: GapReason;
}

export interface StartPosition {
  /** Reading begins with the event behind this one. */
  readonly after: number;
  readonly gap?: Gap;
}

/**
 * Decides where reading begins. Without a cursor that is now. A cursor of another store, or one that is ahead of this
 * store (which was then restored from an older copy), says nothing about the events here: they are read from the
 * oldest, behind a `reset`, whose range is what this store no longer has and may be empty (`to` below `from`).
 */
export function startPosition(cursor: Cursor | undefined, { epoch, firstSeq, lastSeq }: StoreRange): StartPosition {
  if (cursor === undefined) return { after: lastSeq };
  const oldest = firstSeq - 1;
  if ((cursor.epoch !== undefined && cursor.epoch !== epoch) || cursor.seq > lastSeq) {
    return { after: oldest, gap: { from: 1, to: oldest, reason: "reset" } };
  }
  const gap = retentionGap(cursor.seq, firstSeq);
  return gap === undefined ? { after: cursor.seq } : { after: oldest, gap };
}

/** The first that retention has taken behind `after` and up to `until`: at the old end, else between what is left. */
export function firstRetentionGap(
  after: number,
  until: number,
  { firstSeq, thinned }: { readonly firstSeq: number; readonly thinned: readonly { from: number; to: number }[] },
): Gap | undefined {
  const atOldEnd = retentionGap(after, firstSeq);
  if (atOldEnd !== undefined) return atOldEnd;
  const range = thinned.find(({ from, to }) => to > after && from <= until);
  return range === undefined ? undefined : { from: Math.max(range.from, after + 1), to: range.to, reason: "retention" };
}

/** What retention has taken from a reader that has everything up to `seq`. */
export function retentionGap(seq: number, firstSeq: number): Gap | undefined {
  return seq < firstSeq - 1 ? { from: seq + 1, to: firstSeq - 1, reason: "retention" } : undefined;
}
