/**
 * Owns the hook's standard input and output, straight through their file descriptors: making `process.stdin` and
 * `process.stdout` would take longer than all the rest, and what they were given could still be on its way at the end.
 */
import { readSync, writeSync } from "node:fs";

const STANDARD_INPUT = 0;
const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;
const PIECE_BYTES = 64 * 1024;
const PAUSE_MS = 2;

/** Reads standard input to its end; undefined when there is more than `maxBytes` of it, which the agent wrote all the same. */
export function readInput(maxBytes: number): string | undefined {
  const pieces: Buffer[] = [];
  let size = 0;
  for (;;) {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    const length = readPiece(piece);
    if (length === 0) break;
    size += length;
    if (size <= maxBytes) pieces.push(piece.subarray(0, length));
    // An agent that is still writing would see its pipe break.
    else pieces.length = 0;
  }
  return size > maxBytes ? undefined : Buffer.concat(pieces).toString();
}

export function print(text: string): void {
  let bytes = Buffer.from(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(STANDARD_OUTPUT, bytes));
    } catch (error) {
      if (codeOf(error) !== "EAGAIN") throw error;
      pause();
    }
  }
}

/** Says what an agent does not need to know; it keeps that in a log, if at all. */
export function note(text: string): void {
  try {
    writeSync(STANDARD_ERROR, `televibe hook: ${text}\n`);
  } catch {
    // Nobody listens.
  }
}

function readPiece(piece: Buffer): number {
  for (;;) {
    try {
      return readSync(STANDARD_INPUT, piece);
    } catch (error) {
      // Windows calls a pipe's end an error.
      if (codeOf(error) === "EOF") return 0;
      // A pipe that its other end made non-blocking has nothing just now.
      if (codeOf(error) !== "EAGAIN") throw error;
      pause();
    }
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
