/** Owns remembering what was in a file, as far as there is room, so that it can be compared with what is in it later. */
import { constants } from "node:fs";
import { type FileHandle, lstat, open, readlink } from "node:fs/promises";

export type FileContent =
  | { readonly kind: "missing" }
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  /** Too much to keep: changed when its size or time of change is another. */
  | { readonly kind: "traces"; readonly sizeBytes: number; readonly changedAtMs: number };

const MISSING: FileContent = { kind: "missing" };
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_KEPT_BYTES = 32 * 1024 * 1024;

/** @param keptBytes how much is kept already; without room for more, only traces are. */
export function contentOf(path: string, keptBytes: number): Promise<FileContent> {
  return contentUpTo(path, Math.min(MAX_FILE_BYTES, MAX_KEPT_BYTES - keptBytes));
}

/**
 * What is in a file, if that is not more than so many bytes. A link's content is where it leads, as for git: what is there
 * may be a pipe, on which one waits for ever, or a device that never ends.
 */
export async function contentUpTo(path: string, maxBytes: number): Promise<FileContent> {
  try {
    if ((await lstat(path)).isSymbolicLink()) return { kind: "bytes", bytes: Buffer.from(await readlink(path)) };
    await using file = await openAtOnce(path);
    const found = await file.stat();
    if (!found.isFile()) return MISSING;
    if (found.size > maxBytes) return { kind: "traces", sizeBytes: found.size, changedAtMs: found.mtimeMs };
    return { kind: "bytes", bytes: await file.readFile() };
  } catch {
    // Gone, a folder, or not ours to read: in all cases there is no content to compare.
    return MISSING;
  }
}

/** Opens a file without following a link, and a pipe without waiting for its other end. Windows has neither flag. */
function openAtOnce(path: string): Promise<FileHandle> {
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;
  return open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
}

/** Whether nothing speaks for a change. */
export function isSameContent(then: FileContent, now: FileContent): boolean {
  if (then.kind === "missing" || now.kind === "missing") return then.kind === now.kind;
  if (then.kind === "bytes" && now.kind === "bytes") return then.bytes.equals(now.bytes);
  if (then.kind === "traces" && now.kind === "traces")
    return then.sizeBytes === now.sizeBytes && then.changedAtMs === now.changedAtMs;
  return false;
}

/** How git counts a new file: none in what is no text, and one for a last line without an end. */
export function countLines(bytes: Buffer): number {
  if (bytes.length === 0 || bytes.subarray(0, TEXT_PROBE_BYTES).includes(0)) return 0;
  let lines = bytes.at(-1) === NEWLINE ? 0 : 1;
  for (let index = bytes.indexOf(NEWLINE); index !== -1; index = bytes.indexOf(NEWLINE, index + 1)) lines += 1;
  return lines;
}

const NEWLINE = 10;
/** What git looks at to tell text from what is none. */
const TEXT_PROBE_BYTES = 8000;
