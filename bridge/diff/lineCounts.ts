/** Owns counting how many lines a change adds and removes, and the `+3 -1` that tells it. */
import { diffLines } from "diff";
import { linesOf } from "./lines.ts";
import { MAX_EDITS } from "./unifiedDiff.ts";

export interface LineCounts {
  readonly added: number;
  readonly removed: number;
}

export function formatLineCounts({ added, removed }: LineCounts): string {
  return `+${added} -${removed}`;
}

export function parseLineCounts(text: string): LineCounts | undefined {
  const [, added, removed] = /^\+(\d{1,9}) -(\d{1,9})$/.exec(text) ?? [];
  return added === undefined || removed === undefined ? undefined : { added: Number(added), removed: Number(removed) };
}

export function sumLineCounts(counts: Iterable<LineCounts>): LineCounts {
  let [added, removed] = [0, 0];
  for (const each of counts) {
    added += each.added;
    removed += each.removed;
  }
  return { added, removed };
}

export function countChangedLines(before: string, after: string): LineCounts {
  const changes = diffLines(before, after, { maxEditLength: MAX_EDITS, stripTrailingCr: true });
  if (changes === undefined) return { added: linesOf(after).length, removed: linesOf(before).length };
  const count = (isCounted: (change: { readonly added: boolean; readonly removed: boolean }) => boolean) =>
    changes.filter(isCounted).reduce((sum, change) => sum + change.count, 0);
  return { added: count(({ added }) => added), removed: count(({ removed }) => removed) };
}

/** Counts lines of a unified diff's hunks by what they begin with. */
export function countMarks(lines: Iterable<string>): LineCounts {
  let [added, removed] = [0, 0];
  for (const line of lines) {
    if (line.startsWith("+")) added += 1;
    else if (line.startsWith("-")) removed += 1;
  }
  return { added, removed };
}
