/** Owns finding lines in a log without reading more of it than needed. */
import type { LogContents } from "./logSegments.ts";

/** Bytes read at a time. */
const BLOCK_BYTES = 64 * 1024;

/**
 * Longest line, in bytes. What is longer comes in pieces of this size, each a line of its own: nothing of it is lost, and
 * no reader has to hold a line without an end.
 */
export const MAX_LINE_BYTES = 64 * 1024;

/** How far back the last lines are looked for. */
export const MAX_TAIL_BYTES = 4 * 1024 * 1024;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export interface LineChunk {
  readonly lines: readonly string[];
  /** The byte after the last one that is in `lines`. */
  readonly nextOffset: number;
}

/**
 * Reads whole lines from an offset on, about `maxBytes` of them. The last line of the file, when no line feed ends it, is
 * only taken if `isComplete`: nothing more will come.
 */
export async function readLines(
  contents: LogContents,
  from: { readonly offset: number; readonly maxBytes: number; readonly isComplete: boolean },
): Promise<LineChunk> {
  const { end } = contents;
  // Room for one line of the longest kind at the least, else a long one would never be passed.
  const length = Math.min(Math.max(from.maxBytes, MAX_LINE_BYTES + 4), end - from.offset);
  if (length <= 0) return { lines: [], nextOffset: from.offset };
  const bytes = await contents.read(from.offset, length);
  const reachesEnd = from.offset + bytes.length >= end;

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
      if (!reachesEnd || !from.isComplete) break;
      lines.push(withoutCarriageReturn(bytes, start, bytes.length));
      start = bytes.length;
    }
  }
  return { lines, nextOffset: from.offset + start };
}

/** Where the last `count` lines begin, found from the log's end backwards. An unfinished last line counts as one. */
export async function lastLinesOffset(contents: LogContents, count: number): Promise<number> {
  const { start: first, end: size } = contents;
  if (count <= 0) return size;
  const lowest = Math.max(first, size - MAX_TAIL_BYTES);
  let left = count;
  for (let end = size; end > lowest; ) {
    const start = Math.max(lowest, end - BLOCK_BYTES);
    const bytes = await contents.read(start, end - start);
    for (let index = bytes.length - 1; index >= 0; index -= 1) {
      // The log's very last line feed ends the last line; it does not begin another.
      if (bytes[index] !== LINE_FEED || start + index === size - 1) continue;
      left -= 1;
      if (left === 0) return start + index + 1;
    }
    end = start;
  }
  return lowest;
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
