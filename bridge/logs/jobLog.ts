/** Owns one job's log: appends in order, and wakes whoever follows. */
import { randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { problem } from "../../shared/protocol/problem.ts";
import { FrameCache } from "./frameCache.ts";
import { type LogBounds, type LogContents, LogSegments, removeLogFiles, unlessMissing } from "./logSegments.ts";

const FILE_MODE = 0o600;

/** The file beside a log that holds its generation and, on a second line, whose it is. */
export function generationFile(logPath: string): string {
  return logPath.replace(/\.log$/, ".generation");
}

/** The job that a log belongs to, whose name the file's own does not always tell; undefined where nobody wrote it down. */
export async function jobOfLog(logPath: string): Promise<string | undefined> {
  const kept = await readFile(generationFile(logPath), "utf8").catch(unlessMissing);
  return kept?.split("\n")[1]?.trim() || undefined;
}

export class JobLog {
  /** How many calls and followers use it; counted by its owner, who closes it when nobody does. */
  users = 0;
  readonly frames = new FrameCache();
  readonly #path: string;
  readonly #jobId: string;
  readonly #bounds: LogBounds;
  readonly #followers = new Set<() => void>();
  #segments: Promise<LogSegments | undefined> | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #generation: Promise<string> | undefined;
  #isGenerationKept = false;
  /** Grows with whatever a follower would want to know of. */
  #version = 0;
  #beginnings = 0;

  constructor(path: string, jobId: string, bounds: LogBounds) {
    this.#path = path;
    this.#jobId = jobId;
    this.#bounds = bounds;
  }

  get version(): number {
    return this.#version;
  }

  /** Grows when the log is removed: whoever stood somewhere in it stands nowhere now. */
  get beginnings(): number {
    return this.#beginnings;
  }

  /** What is there to read; undefined while nothing was ever written. Looking creates nothing. */
  contents(): Promise<LogContents | undefined> {
    return this.#open({ create: false });
  }

  /** Appends bytes that begin at `offset` of the job's output; what is there already is passed over. Answers the size after it. */
  append(bytes: Uint8Array, offset: number | undefined): Promise<number> {
    const appended = this.#tail.then(() => this.#append(bytes, offset));
    // The next append does not care how this one ended; its caller does.
    this.#tail = appended.catch(() => undefined);
    return appended;
  }

  /** Random, kept beside the file: a log that was removed and begun anew has another. */
  generation(): Promise<string> {
    this.#generation ??= this.#readGeneration();
    return this.#generation;
  }

  /** Something outside of the file changed that a follower must look at, such as the job's end. */
  wake(): void {
    this.#changed();
  }

  /** Resolves once the version is another than the one given, or the signal aborts. */
  changedSince(version: number, signal: AbortSignal): Promise<void> {
    if (this.#version !== version || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#followers.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#followers.add(wake);
      signal.addEventListener("abort", wake);
    });
  }

  /** Waits for appends in flight and closes the files; they open again when they are needed. */
  async close(): Promise<void> {
    await this.#tail;
    await this.#close();
  }

  /** Removes what is there, between two appends. */
  remove(): Promise<void> {
    const removed = this.#tail.then(() => this.#remove());
    this.#tail = removed.catch(() => undefined);
    return removed;
  }

  async #remove(): Promise<void> {
    await removeLogFiles(this.#path);
    await rm(generationFile(this.#path), { force: true });
    // Told before the files are closed: whoever reads in them just now looks here for why that fails.
    this.#beginnings += 1;
    await this.#close();
    this.#generation = undefined;
    this.#isGenerationKept = false;
    this.#changed();
  }

  async #close(): Promise<void> {
    const segments = this.#segments;
    this.#segments = undefined;
    await (await segments)?.close();
  }

  async #append(bytes: Uint8Array, offset: number | undefined): Promise<number> {
    const segments = await this.#open({ create: true });
    if (segments === undefined) throw new Error(`${this.#path} could not be made`);
    const size = segments.end;
    const known = offset === undefined ? 0 : size - offset;
    if (known < 0) {
      const detail = `The log of "${this.#jobId}" has ${size} bytes, so nothing can begin at ${offset}; send from ${size} on.`;
      throw problem("log_offset_conflict", detail, { context: { size } });
    }
    const fresh = bytes.subarray(known);
    if (fresh.length === 0) return size;
    try {
      await this.#keepGeneration();
      await segments.append(fresh);
    } catch (error) {
      throw isDiskFull(error) ? diskFull(this.#jobId, segments.end, error) : error;
    } finally {
      // Also of what was written before an error: it is there, and is passed over when it comes again.
      if (segments.end !== size) this.#changed();
    }
    return segments.end;
  }

  #changed(): void {
    this.#version += 1;
    for (const wake of [...this.#followers]) wake();
  }

  async #open({ create }: { readonly create: boolean }): Promise<LogSegments | undefined> {
    if (this.#segments === undefined) {
      const opening = this.#openFiles(create);
      this.#segments = opening;
      const found = await opening.catch((error: unknown) => {
        if (this.#segments === opening) this.#segments = undefined;
        throw error;
      });
      // A log that is not there yet may be there the next time.
      if (found === undefined && this.#segments === opening) this.#segments = undefined;
      return found;
    }
    const segments = await this.#segments;
    // Somebody who only looked came first.
    return segments === undefined && create ? this.#open({ create }) : segments;
  }

  async #openFiles(create: boolean): Promise<LogSegments | undefined> {
    const found = await LogSegments.open(this.#path, this.#bounds);
    return found === undefined && create ? LogSegments.create(this.#path, this.#bounds) : found;
  }

  async #readGeneration(): Promise<string> {
    const kept = await readFile(generationFile(this.#path), "utf8").catch(unlessMissing);
    this.#isGenerationKept = kept !== undefined;
    return kept?.split("\n")[0]?.trim() ?? randomBytes(8).toString("hex");
  }

  /** It goes to disk with the first byte: a log that was only looked for leaves no trace. */
  async #keepGeneration(): Promise<void> {
    const generation = await this.generation();
    if (this.#isGenerationKept) return;
    await writeFile(generationFile(this.#path), `${generation}\n${this.#jobId}\n`, { mode: FILE_MODE });
    this.#isGenerationKept = true;
  }
}

/** No space, over quota, or over the largest file size. */
function isDiskFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && ["ENOSPC", "EDQUOT", "EFBIG"].includes(String(error.code));
}

function diskFull(jobId: string, size: number, cause: unknown): Error {
  const detail = `The disk is full: the log of "${jobId}" ends at ${size}. Free some space and send on from there.`;
  return problem("store_unavailable", detail, { context: { size }, cause });
}
