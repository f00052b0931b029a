/** Owns showing how a text changes, in the unified form that `diff -u` and git print. */

const CONTEXT_LINES = 3;
const NO_LINE_END = "\\ No newline at end of file";

interface Line {
  readonly sign: " " | "-" | "+";
  readonly text: string;
  /** Where it stands in each text, counted from 0. */
  readonly before: number;
  readonly after: number;
}

/** The lines of the difference; none where there is none. A text that is undefined is a file that is not there. */
export function unifiedDiff(path: string, before: string | undefined, after: string | undefined): readonly string[] {
  const lines = compare(splitLines(before ?? ""), splitLines(after ?? ""));
  const hunks = hunksOf(lines);
  if (hunks.length === 0) return [];
  const name = (text: string | undefined) => (text === undefined ? "/dev/null" : path);
  return [`--- ${name(before)}`, `+++ ${name(after)}`, ...hunks.flatMap(printHunk)];
}

/** Each with its line end, so that a missing last one is a difference. */
function splitLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Myers' greedy algorithm: as few lines as can be. Its cost grows with what differs, not with what is alike. */
function compare(before: readonly string[], after: readonly string[]): readonly Line[] {
  const furthest: Map<number, number>[] = [];
  let reached = new Map([[1, 0]]);
  for (let cost = 0; cost <= before.length + after.length; cost++) {
    furthest.push(reached);
    reached = new Map(reached);
    for (let diagonal = -cost; diagonal <= cost; diagonal += 2) {
      const isDown = goesDown(reached, diagonal, cost);
      let x = isDown ? at(reached, diagonal + 1) : at(reached, diagonal - 1) + 1;
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x++;
      reached.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) return walkBack(furthest, before, after);
    }
  }
  return [];
}

function goesDown(reached: ReadonlyMap<number, number>, diagonal: number, cost: number): boolean {
  return diagonal === -cost || (diagonal !== cost && at(reached, diagonal - 1) < at(reached, diagonal + 1));
}

function at(reached: ReadonlyMap<number, number>, diagonal: number): number {
  return reached.get(diagonal) ?? -1;
}

function walkBack(
  furthest: readonly ReadonlyMap<number, number>[],
  before: readonly string[],
  after: readonly string[],
): readonly Line[] {
  const lines: Line[] = [];
  let x = before.length;
  let y = after.length;
  const keep = () => {
    x--;
    y--;
    lines.push({ sign: " ", text: before[x] ?? "", before: x, after: y });
  };
  for (const [cost, reached] of [...furthest.entries()].reverse()) {
    const diagonal = x - y;
    const isDown = goesDown(reached, diagonal, cost);
    const startX = at(reached, isDown ? diagonal + 1 : diagonal - 1);
    const startY = startX - (isDown ? diagonal + 1 : diagonal - 1);
    while (x > startX && y > startY && x - 1 >= 0 && y - 1 >= 0 && before[x - 1] === after[y - 1]) keep();
    if (cost === 0) break;
    if (isDown) y--;
    else x--;
    const text = (isDown ? after[y] : before[x]) ?? "";
    lines.push({ sign: isDown ? "+" : "-", text, before: x, after: y });
  }
  return lines.reverse();
}

/** Changes with the lines around them; those that are near each other are one. */
function hunksOf(lines: readonly Line[]): readonly (readonly Line[])[] {
  const hunks: Line[][] = [];
  let end = 0;
  for (const [index, { sign }] of lines.entries()) {
    if (sign === " ") continue;
    const from = Math.max(end, index - CONTEXT_LINES);
    const to = Math.min(lines.length, index + CONTEXT_LINES + 1);
    const current = hunks.at(-1);
    if (current !== undefined && from <= end) current.push(...lines.slice(end, to));
    else hunks.push(lines.slice(from, to));
    end = Math.max(end, to);
  }
  return hunks;
}

function printHunk(hunk: readonly Line[]): readonly string[] {
  const [first] = hunk;
  if (first === undefined) return [];
  const range = (start: number, count: number) => `${count === 0 ? start : start + 1}${count === 1 ? "" : `,${count}`}`;
  const count = (sign: Line["sign"]) => hunk.filter((line) => line.sign === " " || line.sign === sign).length;
  return [
    `@@ -${range(first.before, count("-"))} +${range(first.after, count("+"))} @@`,
    ...hunk.flatMap(({ sign, text }) => [
      sign + text.replace(/\r?\n$/, ""),
      ...(text.endsWith("\n") ? [] : [NO_LINE_END]),
    ]),
  ];
}
