/** Owns ranges of `seq`, and how a list of them is kept short and in order. */

/** Both ends included. */
export interface SeqRange {
  readonly from: number;
  readonly to: number;
}

/** The same numbers in as few ranges as possible, ascending. */
export function mergeRanges(ranges: readonly SeqRange[]): readonly SeqRange[] {
  const merged: SeqRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && range.from <= last.to + 1) {
      merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    } else if (range.from <= range.to) {
      merged.push(range);
    }
  }
  return merged;
}

/** What is left of ranges from `seq` on. */
export function rangesFrom(ranges: readonly SeqRange[], seq: number): readonly SeqRange[] {
  return ranges.filter(({ to }) => to >= seq).map(({ from, to }) => ({ from: Math.max(from, seq), to }));
}

/** What of `ranges` the `known` ones do not cover. */
export function uncovered(ranges: readonly SeqRange[], known: readonly SeqRange[]): readonly SeqRange[] {
  const missing: SeqRange[] = [];
  for (const { from, to } of mergeRanges(ranges)) {
    let next = from;
    for (const cover of mergeRanges(known)) {
      if (cover.to < next || cover.from > to) continue;
      if (cover.from > next) missing.push({ from: next, to: cover.from - 1 });
      next = cover.to + 1;
    }
    if (next <= to) missing.push({ from: next, to });
  }
  return missing;
}
