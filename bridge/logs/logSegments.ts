/**
 * Owns the files of one job's log. Offsets count the bytes of the job's whole output. The first file is `<name>.log`; once
 * it is full the log goes on in `<name>.segments`, in files that are named by the offset of their first byte. Past the
 * bound the oldest files go, and the log begins later.
 */
import { type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const SEGMENT = /^(\d{16})\.log$/;
const OFFSET_DIGITS = 16;

export interface LogBounds {
  /** A log's files together, about: past it the oldest bytes go. */
  readonly maxBytes: number;
  /** When the log goes on in a new file. */
  readonly segmentBytes: number;
}

/** What of a log can be read. */
export interface LogContents {
  /** The first byte that is kept. */
  readonly start: number;
  /** Behind the last one. */
  readonly end: number;
  /** The bytes from `position`; fewer only where they are gone meanwhile. */
  read(position: number, length: number): Promise<Buffer>;
}

interface Segment {
  readonly start: number;
  readonly path: string;
  readonly file: FileHandle;
  size: number;
}

export class LogSegments implements LogContents {
  readonly #path: string;
  readonly #bounds: LogBounds;
  /** Adjacent, oldest first. */
  readonly #segments: Segment[];

  private constructor(path: string, bounds: LogBounds, segments: Segment[]) {
    this.#path = path;
    this.#bounds = bounds;
    this.#segments = segments;
  }

  /** Opens what is there; undefined when nothing is. @param path of the first file. */
  static async open(path: string, bounds: LogBounds): Promise<LogSegments | undefined> {
    const first = await openSegment(path, 0, "r+").catch(unlessMissing);
    const directory = segmentsDirectory(path);
    const names = (await readdir(directory).catch(unlessMissing)) ?? [];
    const later = names.flatMap((name) => SEGMENT.exec(name)?.[1] ?? []).sort();
    const found = first === undefined ? [] : [first];
    for (const digits of later) found.push(await openSegment(join(directory, `${digits}.log`), Number(digits), "r+"));
    if (found.length === 0) return undefined;
    const segments = await lastUnbroken(found);
    return new LogSegments(path, bounds, segments);
  }

  /** Makes an empty log. */
  static async create(path: string, bounds: LogBounds): Promise<LogSegments> {
    return new LogSegments(path, bounds, [await openSegment(path, 0, "a")]);
  }

  get start(): number {
    return this.#segments[0]?.start ?? 0;
  }

  get end(): number {
    const last = this.#segments.at(-1);
    return last === undefined ? 0 : last.start + last.size;
  }

  async read(position: number, length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let at = position;
    const to = Math.min(position + length, this.end);
    while (at < to) {
      const segment = this.#segments.findLast(({ start }) => start <= at);
      if (segment === undefined) break;
      const part = await readFully(segment.file, at - segment.start, Math.min(to, segment.start + segment.size) - at);
      if (part.length === 0) break;
      parts.push(part);
      at += part.length;
    }
    const [only] = parts;
    return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts);
  }

  /** Appends; what a failed write has left in the file is written over by the next one. */
  async append(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const segment = await this.#segmentWithRoom();
      const part = bytes.subarray(done, done + Math.max(1, this.#bounds.segmentBytes - segment.size));
      await writeFully(segment.file, part, segment.size);
      segment.size += part.length;
      done += part.length;
    }
    await this.#dropOldest();
  }

  /** Closes the files; whoever reads just now fails. */
  async close(): Promise<void> {
    for (const { file } of this.#segments) await file.close();
  }

  async #segmentWithRoom(): Promise<Segment> {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.size < this.#bounds.segmentBytes) return last;
    const directory = segmentsDirectory(this.#path);
    await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
    const start = this.end;
    const path = join(directory, `${String(start).padStart(OFFSET_DIGITS, "0")}.log`);
    const segment = await openSegment(path, start, "a");
    this.#segments.push(segment);
    return segment;
  }

  async #dropOldest(): Promise<void> {
    while (this.#segments.length > 1 && this.end - this.start > this.#bounds.maxBytes) {
      const oldest = this.#segments.shift();
      if (oldest === undefined) return;
      await rm(oldest.path, { force: true });
      // Whoever reads in it just now finds it gone, looks again, and is told where the log begins now.
      await oldest.file.close();
    }
  }
}

/** Removes all files of a log. */
export async function removeLogFiles(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(segmentsDirectory(path), { recursive: true, force: true });
}

/** The folder of the files behind the first one. */
export function segmentsDirectory(path: string): string {
  return path.replace(/\.log$/, ".segments");
}

/** What of the log's name is in the name of its first file, or of the folder of the others. */
export function logIdOf(fileName: string): string | undefined {
  return /^(.+)\.(?:log|segments)$/.exec(basename(fileName))?.[1];
}

/** A file that is not there is no failure. */
export function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}

/** A file that somebody has removed by hand leaves a hole: what lies before it cannot be read on from, and is left alone. */
async function lastUnbroken(found: readonly Segment[]): Promise<Segment[]> {
  let from = found.length - 1;
  for (let before = found[from - 1]; before !== undefined; before = found[from - 1]) {
    if (before.start + before.size !== found[from]?.start) break;
    from -= 1;
  }
  for (const { file } of found.slice(0, from)) await file.close();
  return found.slice(from);
}

async function openSegment(path: string, start: number, flags: "a" | "r+"): Promise<Segment> {
  // "a" makes the file and would move every write to its end, whatever its position; "r+" does not create.
  if (flags === "a") await (await open(path, "a", FILE_MODE)).close();
  const file = await open(path, "r+");
  return { start, path, file, size: (await file.stat()).size };
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

async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
