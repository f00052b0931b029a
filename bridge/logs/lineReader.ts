/** Owns finding lines in a log without reading more of it than needed. */
import { lastLines, MAX_LINE_BYTES, MAX_TAIL_BYTES, splitLines } from "./lines.ts";
import type { LogContents } from "./logSegments.ts";

/** Bytes read at a time. */
const BLOCK_BYTES = 64 * 1024;

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
  const { lines, length: taken } = splitLines(bytes, reachesEnd && from.isComplete);
  return { lines, nextOffset: from.offset + taken };
}

/** Where the last `count` lines begin, found from the log's end backwards. An unfinished last line counts as one. */
export async function lastLinesOffset(contents: LogContents, count: number): Promise<number> {
  const { start: first, end: size } = contents;
  if (count <= 0) return size;
  const lowest = Math.max(first, size - MAX_TAIL_BYTES);
  let left = count;
  for (let end = size; end > lowest; ) {
    const start = Math.max(lowest, end - BLOCK_BYTES);
    const { start: inBlock, found } = lastLines(await contents.read(start, end - start), left, end === size);
    if (found === left) return start + inBlock;
    left -= found;
    end = start;
  }
  return lowest;
}
