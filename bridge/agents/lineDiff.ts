/** Owns comparing two texts line by line: how many lines differ, and the unified diff that people judge a change by. */

export interface LineCounts {
  readonly added: number;
  readonly removed: number;
}

/** Beyond this many pairs of lines the middle is told as removed and added whole: nobody reads such a change line by line. */
const MAX_PAIRS = 1_000_000;

/** Lines around a change that are shown with it. */
const CONTEXT_LINES = 3;

type Mark = " " | "-" | "+";
interface DiffLine {
  readonly mark: Mark;
  readonly text: string;
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

/** Lines as people count them: a line end at the end of a text begins no further line. */
export function linesOf(text: string): readonly string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

export function countChangedLines(before: string, after: string): LineCounts {
  return countMarks(diffLines(linesOf(before), linesOf(after)).map(({ mark }) => mark));
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

/**
 * A unified diff of two whole texts. Of pieces whose place in the file is not known, `isWhole` false leaves the line numbers
 * out, as they would mislead.
 */
export function unifiedDiff(name: string, before: string, after: string, { isWhole = true } = {}): string {
  const lines = diffLines(linesOf(before), linesOf(after));
  const head = `--- ${isWhole && before === "" ? "/dev/null" : `a/${name}`}\n+++ b/${name}\n`;
  if (!isWhole) return `${head}@@ @@\n${lines.map(({ mark, text }) => mark + text).join("\n")}\n`;
  return head + hunks(lines).join("");
}

function hunks(lines: readonly DiffLine[]): string[] {
  const shown = new Set<number>();
  lines.forEach(({ mark }, index) => {
    if (mark === " ") return;
    for (let near = index - CONTEXT_LINES; near <= index + CONTEXT_LINES; near += 1) shown.add(near);
  });
  const parts: string[] = [];
  let [before, after] = [1, 1];
  let hunk: { readonly before: number; readonly after: number; readonly lines: DiffLine[] } | undefined;
  const end = () => {
    if (hunk !== undefined) parts.push(formatHunk(hunk));
    hunk = undefined;
  };
  lines.forEach((line, index) => {
    if (shown.has(index)) {
      hunk ??= { before, after, lines: [] };
      hunk.lines.push(line);
    } else end();
    if (line.mark !== "+") before += 1;
    if (line.mark !== "-") after += 1;
  });
  end();
  return parts;
}

function formatHunk(hunk: { before: number; after: number; lines: readonly DiffLine[] }): string {
  const count = (mark: Mark) => hunk.lines.filter((line) => line.mark !== mark).length;
  const range = (start: number, length: number) => `${length === 0 ? start - 1 : start},${length}`;
  const header = `@@ -${range(hunk.before, count("+"))} +${range(hunk.after, count("-"))} @@\n`;
  return header + hunk.lines.map(({ mark, text }) => `${mark}${text}\n`).join("");
}

function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  const least = Math.min(before.length, after.length);
  let start = 0;
  while (start < least && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < least - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const same = (text: string): DiffLine => ({ mark: " ", text });
  return [
    ...before.slice(0, start).map(same),
    ...differing(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ];
}

/** By the longest common subsequence. */
function differing(before: readonly string[], after: readonly string[]): DiffLine[] {
  const removed = (text: string): DiffLine => ({ mark: "-", text });
  const added = (text: string): DiffLine => ({ mark: "+", text });
  if (before.length * after.length > MAX_PAIRS || before.length === 0 || after.length === 0) {
    return [...before.map(removed), ...after.map(added)];
  }
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number) => common[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      common[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [row, column] = [0, 0];
  while (row < before.length && column < after.length) {
    const [left = "", right = ""] = [before[row], after[column]];
    if (left === right) {
      lines.push({ mark: " ", text: left });
      row += 1;
      column += 1;
    } else if (at(row + 1, column) >= at(row, column + 1)) {
      lines.push(removed(left));
      row += 1;
    } else {
      lines.push(added(right));
      column += 1;
    }
  }
  return [...lines, ...before.slice(row).map(removed), ...after.slice(column).map(added)];
}
