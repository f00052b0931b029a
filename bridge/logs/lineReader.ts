/** Owns finding lines in a log file without reading more of it than needed. */
import type { FileHandle } from "node:fs/promises";

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
  file: FileHandle,
  from: { readonly offset: number; readonly maxBytes: number; readonly size: number; readonly isComplete: boolean },
): Promise<LineChunk> {
  // Room for one line of the longest kind at the least, else a long one would never be passed.
  const length = Math.min(Math.max(from.maxBytes, MAX_LINE_BYTES + 4), from.size - from.offset);
  if (length <= 0) return { lines: [], nextOffset: from.offset };
  const bytes = await readFully(file, from.offset, length);
  const reachesEnd = from.offset + bytes.length >= from.size;

  const lines: string[] = [];
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(LINE_FEED, start);
    const isPiece = (end === -1 ? bytes.length : end) - start > MAX_LINE_BYTES;
    if (isPiece) {
      const cut = characterBoundary(bytes, start + MAX_LINE_BYTES);
      lines.push(bytes.toString("utf8", start, cut));
      start = cut;
    } else if (end !== -1) {
      lines.push(withoutCarriageReturn(bytes, start, end));
      start = end + 1;
    } else {
      if (!reachesEnd || !from.isComplete) break;
      lines.push(withoutCarriageReturn(bytes, start, bytes.length));
      start = bytes.length;
    }
  }
  return { lines, nextOffset: from.offset + start };
}

/** Where the last `count` lines begin, found from the file's end backwards. An unfinished last line counts as one. */
export async function lastLinesOffset(file: FileHandle, size: number, count: number): Promise<number> {
  if (count <= 0) return size;
  const lowest = Math.max(0, size - MAX_TAIL_BYTES);
  let left = count;
  for (let end = size; end > lowest; ) {
    const start = Math.max(lowest, end - BLOCK_BYTES);
    const bytes = await readFully(file, start, end - start);
    for (let index = bytes.length - 1; index >= 0; index -= 1) {
      // The file's very last line feed ends the last line; it does not begin another.
      if (bytes[index] !== LINE_FEED || start + index === size - 1) continue;
      left -= 1;
      if (left === 0) return start + index + 1;
    }
    end = start;
  }
  return lowest;
}

async function readFully(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
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
