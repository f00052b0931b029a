/** Owns reading a spool's file in pieces of whole lines: a job may print more than fits into memory. */
import type { FileHandle } from "node:fs/promises";
import { parseRecord, type SpoolRecord } from "./spoolRecord.ts";

/** About how much is read, and given to the bridge, at a time. */
const PIECE_BYTES = 256 * 1024;

export interface SpoolPiece {
  readonly records: readonly SpoolRecord[];
  /** Where the next piece begins. */
  readonly end: number;
}

/** The records of whole lines between two places; none where no line ends in between. A damaged line is left out. */
export async function readPiece(file: FileHandle, start: number, limit: number): Promise<SpoolPiece> {
  // Doubled for a record that is longer than a piece.
  for (let wanted = PIECE_BYTES; ; wanted *= 2) {
    const buffer = await readBytes(file, start, Math.min(wanted, limit - start));
    const length = buffer.lastIndexOf("\n") + 1;
    if (length === 0 && buffer.length === wanted) continue;
    const lines = buffer.subarray(0, length).toString().split("\n");
    return { records: lines.flatMap((line) => (line === "" ? [] : (parseRecord(line) ?? []))), end: start + length };
  }
}

async function readBytes(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
