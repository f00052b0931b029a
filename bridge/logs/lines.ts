/** Owns what a line of a log is: the same for those who follow one, page through it, or read its end from the file. */

/**
 * Longest line, in bytes. What is longer comes in pieces of this size, each a line of its own: nothing of it is lost, and
 * no reader has to hold a line without an end.
 */
export const MAX_LINE_BYTES = 64 * 1024;

/** How far back the last lines are looked for. */
export const MAX_TAIL_BYTES = 4 * 1024 * 1024;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Cuts bytes that begin with a line into lines. What no line feed ends is a line if `isComplete`: nothing more will come.
 * `length` is that of the bytes which are in `lines`.
 */
export function splitLines(
  bytes: Buffer,
  isComplete: boolean,
): { readonly lines: readonly string[]; readonly length: number } {
  const lines: string[] = [];
  let start = 0;
  while (start < bytes.length) {
    const lineEnd = bytes.indexOf(LINE_FEED, start);
    const isPiece = (lineEnd === -1 ? bytes.length : lineEnd) - start > MAX_LINE_BYTES;
    if (isPiece) {
      const cut = characterBoundary(bytes, start + MAX_LINE_BYTES);
      lines.push(bytes.toString("utf8", start, cut));
      start = cut;
    } else if (lineEnd !== -1) {
      lines.push(withoutCarriageReturn(bytes, start, lineEnd));
      start = lineEnd + 1;
    } else {
      if (!isComplete) break;
      lines.push(withoutCarriageReturn(bytes, start, bytes.length));
      start = bytes.length;
    }
  }
  return { lines, length: start };
}

/**
 * Where the `count` last lines of some bytes begin, and how many of them begin there or later: fewer when the first one
 * begins before the bytes do. A line feed at the very end of the log (`endsLog`) ends the last line and begins none.
 */
export function lastLines(
  bytes: Buffer,
  count: number,
  endsLog: boolean,
): { readonly start: number; readonly found: number } {
  let found = 0;
  for (let index = bytes.length - (endsLog ? 2 : 1); found < count && index >= 0; index--) {
    index = bytes.lastIndexOf(LINE_FEED, index);
    if (index === -1) break;
    found++;
    if (found === count) return { start: index + 1, found };
  }
  return { start: 0, found };
}

/** The last place at or before `index` that is not inside a UTF-8 character. */
function characterBoundary(bytes: Buffer, index: number): number {
  for (let cut = index; cut > index - 4; cut -= 1) {
    if (((bytes[cut] ?? 0) & 0xc0) !== 0x80) return cut;
  }
  // No UTF-8 at all: any place is as good.
  return index;
}

/** Windows' line ends; one in the middle of a line belongs to a progress bar and stays. */
function withoutCarriageReturn(bytes: Buffer, start: number, end: number): string {
  const last = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
  return bytes.toString("utf8", start, last);
}
