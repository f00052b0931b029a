/** Owns showing how a text changes, in the unified form that `diff -u` and git print. The one place that compares lines. */
import { structuredPatch } from "diff";
import { linesOf } from "./lines.ts";

/** Beyond so many lines that come and go a text is told as replaced whole: nobody reads such a change line by line. */
export const MAX_EDITS = 4000;

const CONTEXT_LINES = 3;
/** More than any text has. */
const ALL_LINES = 10_000_000;

export interface DiffNames {
  readonly before: string;
  readonly after: string;
}

export const NO_FILE = "/dev/null";

/** The lines of the difference; none where there is none. */
export function unifiedDiff(names: DiffNames, before: string, after: string): readonly string[] {
  const hunks = compare(before, after, CONTEXT_LINES) ?? [wholeHunk(before, after)];
  if (hunks.length === 0) return [];
  return [`--- ${names.before}`, `+++ ${names.after}`, ...hunks.flatMap((hunk) => [place(hunk), ...hunk.lines])];
}

/** The difference of two pieces whose place in the file is not known: without numbers, which would mislead. */
export function pieceDiff(names: DiffNames, before: string, after: string): readonly string[] {
  const [hunk = wholeHunk(before, after)] = compare(before, after, ALL_LINES) ?? [];
  return [`--- ${names.before}`, `+++ ${names.after}`, "@@ @@", ...hunk.lines];
}

interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  readonly lines: readonly string[];
}

function compare(before: string, after: string, context: number): readonly Hunk[] | undefined {
  return structuredPatch("", "", before, after, "", "", { context, maxEditLength: MAX_EDITS })?.hunks;
}

function wholeHunk(before: string, after: string): Hunk {
  const [gone, come] = [linesOf(before), linesOf(after)];
  const lines = [...gone.map((line) => `-${line}`), ...come.map((line) => `+${line}`)];
  return { oldStart: 1, oldLines: gone.length, newStart: 1, newLines: come.length, lines };
}

/** Of no lines, the place is the line behind which they would stand. */
function place({ oldStart, oldLines, newStart, newLines }: Hunk): string {
  const range = (start: number, count: number) => `${count === 0 ? start - 1 : start},${count}`;
  return `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`;
}
