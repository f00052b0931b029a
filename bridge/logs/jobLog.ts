/** Owns one job's log file: appends in order, and wakes whoever follows. */
import { randomBytes } from "node:crypto";
import { type FileHandle, open, readFile, rm, writeFile } from "node:fs/promises";
import { problem } from "../../shared/protocol/problem.ts";

const FILE_MODE = 0o600;

/** The file beside a log that holds its generation. */
export function generationFile(logPath: string): string {
  return logPath.replace(/\.log$/, ".generation");
}

export class JobLog {
  /** How many calls and followers use it; counted by its owner, who closes it when nobody does. */
  users = 0;
  readonly #path: string;
  readonly #jobId: string;
  readonly #followers = new Set<() => void>();
  #file: Promise<FileHandle> | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #generation: Promise<string> | undefined;
  #size = 0;
  /** Grows with whatever a follower would want to know of. */
  #version = 0;

  constructor(path: string, jobId: string) {
    this.#path = path;
    this.#jobId = jobId;
  }

  get version(): number {
    return this.#version;
  }

  /** Bytes that are in the file. */
  async size(): Promise<number> {
    await this.#open();
    return this.#size;
  }

  file(): Promise<FileHandle> {
    return this.#open();
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

  /** Waits for appends in flight and closes the file; it opens again when it is needed. */
  async close(): Promise<void> {
    await this.#tail;
    const file = this.#file;
    this.#file = undefined;
    await (await file)?.close();
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
    await rm(generationFile(this.#path), { force: true });
    this.#generation = undefined;
    this.#size = 0;
    this.#changed();
  }

  async #append(bytes: Uint8Array, offset: number | undefined): Promise<number> {
    const file = await this.#open();
    const known = offset === undefined ? 0 : this.#size - offset;
    if (known < 0) {
      const detail = `The log of "${this.#jobId}" has ${this.#size} bytes, so nothing can begin at ${offset}; send from ${this.#size} on.`;
      throw problem("log_offset_conflict", detail, { context: { size: this.#size } });
    }
    const fresh = bytes.subarray(known);
    if (fresh.length === 0) return this.#size;
    await this.generation();
    let written = 0;
    while (written < fresh.length) {
      const { bytesWritten } = await file.write(fresh, written, fresh.length - written, this.#size + written);
      written += bytesWritten;
    }
    this.#size += written;
    this.#changed();
    return this.#size;
  }

  #changed(): void {
    this.#version += 1;
    for (const wake of [...this.#followers]) wake();
  }

  #open(): Promise<FileHandle> {
    this.#file ??= this.#openFile();
    return this.#file;
  }

  async #openFile(): Promise<FileHandle> {
    // "a" would move every write to the end, whatever its position; "r+" does not create.
    await (await open(this.#path, "a", FILE_MODE)).close();
    const file = await open(this.#path, "r+");
    this.#size = (await file.stat()).size;
    return file;
  }

  async #readGeneration(): Promise<string> {
    try {
      return (await readFile(generationFile(this.#path), "utf8")).trim();
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
      const generation = randomBytes(8).toString("hex");
      await writeFile(generationFile(this.#path), generation, { mode: FILE_MODE });
      return generation;
    }
  }
}
