/** Owns reading an agent's transcript: whole lines, as little of it as possible, and nothing where there is none. */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Most that is read at a time; what is older than that is passed over. */
const MAX_READ_BYTES = 8 * 1024 * 1024;

/** The newest whole lines of a file. */
export async function lastLines(path: string, maxBytes = MAX_READ_BYTES): Promise<readonly string[]> {
  const read = await withFile(path, async (file, size) => readLines(file, Math.max(0, size - maxBytes), size));
  return read?.lines ?? [];
}

/** Follows a file: what comes is kept until it is taken. */
export class TranscriptFollower {
  readonly path: string;
  /** What was waited for the last time did not come. */
  wasInVain = false;
  /** Where it stands; undefined before it has looked for the first time. */
  #offset: number | undefined;
  #lines: readonly string[] = [];

  constructor(path: string) {
    this.path = path;
  }

  /** Begins at the end of what is there: it was told before, or is of another time. */
  async begin(): Promise<void> {
    this.#offset ??= (await withFile(this.path, async (_file, size) => size)) ?? 0;
  }

  async look(): Promise<void> {
    await this.begin();
    const offset = this.#offset ?? 0;
    const read = await withFile(this.path, async (file, size) => {
      // A shorter file is another one.
      const start = size < offset ? 0 : Math.max(offset, size - MAX_READ_BYTES);
      return readLines(file, start, size);
    });
    if (read === undefined) return;
    this.#offset = read.end;
    this.#lines = [...this.#lines, ...read.lines];
  }

  has(isMeant: (line: string) => boolean): boolean {
    return this.#lines.some(isMeant);
  }

  /** Takes the lines up to and with the first one that is meant; none, and undefined, where it has not come. */
  takeThrough(isMeant: (line: string) => boolean): readonly string[] | undefined {
    const index = this.#lines.findIndex(isMeant);
    if (index === -1) return undefined;
    const taken = this.#lines.slice(0, index + 1);
    this.#lines = this.#lines.slice(index + 1);
    return taken;
  }

  takeAll(): readonly string[] {
    const taken = this.#lines;
    this.#lines = [];
    return taken;
  }
}

/** A transcript that is not there, or not ours to read, tells nothing: no agent must wait for it. */
async function withFile<T>(path: string, read: (file: FileHandle, size: number) => Promise<T>): Promise<T | undefined> {
  try {
    // Whatever is there by this name, a pipe even, must not hold us up. Windows has no such flag.
    await using file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const found = await file.stat();
    return found.isFile() ? await read(file, found.size) : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}

async function readLines(
  file: FileHandle,
  start: number,
  size: number,
): Promise<{ readonly lines: readonly string[]; readonly end: number }> {
  const buffer = Buffer.alloc(Math.max(0, size - start));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
  const bytes = buffer.subarray(0, bytesRead);
  const end = bytes.lastIndexOf("\n") + 1;
  const lines = bytes.subarray(0, end).toString().split("\n").slice(0, -1);
  return { lines, end: start + end };
}
