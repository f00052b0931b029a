/**
 * Owns reading the end of a log straight from its files, in one go and with nothing loaded for it: a command that shows it
 * and ends has no use for a bridge.
 */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { lastLines, MAX_TAIL_BYTES, splitLines } from "./lines.ts";

/** The first look, which is long enough for most; then comes all that is ever looked at. */
const LOOK_BYTES = [64 * 1024, MAX_TAIL_BYTES] as const;

/**
 * The last lines of the log in `<directory>/<name>.log` and the files that follow it (`LogSegments` says which). Undefined
 * when there is none, or when it cannot be read in one go, such as while its oldest file goes.
 */
export function readLogEnd(directory: string, name: string, count: number): readonly string[] | undefined {
  const files = logFiles(directory, name);
  for (const wanted of LOOK_BYTES) {
    const end = readEnd(files, wanted);
    if (end === undefined) return undefined;
    const { start, found } = lastLines(end.bytes, count, true);
    if (found === count || end.isWhole || wanted === MAX_TAIL_BYTES) {
      return splitLines(end.bytes.subarray(start), true).lines;
    }
  }
  return undefined;
}

/** Oldest first. */
function logFiles(directory: string, name: string): string[] {
  const segments = join(directory, `${name}.segments`);
  let later: string[] = [];
  try {
    later = readdirSync(segments).sort();
  } catch {
    // Most logs have but one file.
  }
  return [join(directory, `${name}.log`), ...later.map((each) => join(segments, each))];
}

function readEnd(files: readonly string[], wanted: number): { bytes: Buffer; isWhole: boolean } | undefined {
  const parts: Buffer[] = [];
  let left = wanted;
  for (const path of files.toReversed()) {
    const part = readFileEnd(path, left);
    // The first file of a long log is gone; of one that is there, no other may be missing.
    if (part === undefined) return parts.length === 0 ? undefined : { bytes: Buffer.concat(parts), isWhole: true };
    parts.unshift(part.bytes);
    left -= part.bytes.length;
    if (left === 0) return { bytes: Buffer.concat(parts), isWhole: false };
  }
  return { bytes: Buffer.concat(parts), isWhole: true };
}

function readFileEnd(path: string, wanted: number): { bytes: Buffer } | undefined {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return undefined;
  }
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.allocUnsafe(Math.min(wanted, size));
    const read = readSync(file, bytes, 0, bytes.length, size - bytes.length);
    return { bytes: bytes.subarray(0, read) };
  } finally {
    closeSync(file);
  }
}
