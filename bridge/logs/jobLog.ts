/** Owns one job's log file: appends in order, and wakes whoever follows. */
import { randomBytes } from "node:crypto";
import { type FileHandle, open, readFile, rm, writeFile } from "node:fs/promises";
import { problem } from "../../shared/protocol/problem.ts";

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
  readonly #path: string;
  readonly #jobId: string;
  readonly #followers = new Set<() => void>();
  #file: Promise<FileHandle | undefined> | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #generation: Promise<string> | undefined;
  #isGenerationKept = false;
  #size = 0;
  /** Grows with whatever a follower would want to know of. */
  #version = 0;
  #beginnings = 0;

  constructor(path: string, jobId: string) {
    this.#path = path;
    this.#jobId = jobId;
  }

  get version(): number {
    return this.#version;
  }

  /** Grows when the log is removed: whoever stood somewhere in it stands nowhere now. */
  get beginnings(): number {
    return this.#beginnings;
  }

  /** What is there to read; undefined while nothing was ever written. Looking creates nothing. */
  async contents(): Promise<{ readonly file: FileHandle; readonly size: number } | undefined> {
    const file = await this.#open({ create: false });
    return file === undefined ? undefined : { file, size: this.#size };
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

  /** Removes what is there, between two appends. */
  remove(): Promise<void> {
    const removed = this.#tail.then(() => this.#remove());
    this.#tail = removed.catch(() => undefined);
    return removed;
  }

  async #remove(): Promise<void> {
    await rm(this.#path, { force: true });
    await rm(generationFile(this.#path), { force: true });
    // Told before the file is closed: whoever reads in it just now looks here for why that fails.
    this.#beginnings += 1;
    const file = this.#file;
    this.#file = undefined;
    await (await file)?.close();
    this.#generation = undefined;
    this.#isGenerationKept = false;
    this.#size = 0;
    this.#changed();
  }

  async #append(bytes: Uint8Array, offset: number | undefined): Promise<number> {
    const file = await this.#open({ create: true });
    if (file === undefined) throw new Error(`${this.#path} could not be made`);
    const known = offset === undefined ? 0 : this.#size - offset;
    if (known < 0) {
      const detail = `The log of "${this.#jobId}" has ${this.#size} bytes, so nothing can begin at ${offset}; send from ${this.#size} on.`;
      throw problem("log_offset_conflict", detail, { context: { size: this.#size } });
    }
    const fresh = bytes.subarray(known);
    if (fresh.length === 0) return this.#size;
    await this.#keepGeneration();
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

  async #open({ create }: { readonly create: boolean }): Promise<FileHandle | undefined> {
    if (this.#file === undefined) {
      const opening = this.#openFile(create);
      this.#file = opening;
      // A log that is not there yet may be there the next time.
      if ((await opening) === undefined && this.#file === opening) this.#file = undefined;
      return opening;
    }
    const file = await this.#file;
    // Somebody who only looked came first.
    return file === undefined && create ? this.#open({ create }) : file;
  }

  async #openFile(create: boolean): Promise<FileHandle | undefined> {
    // "a" would move every write to the end, whatever its position; "r+" does not create.
    if (create) await (await open(this.#path, "a", FILE_MODE)).close();
    const file = await open(this.#path, "r+").catch(unlessMissing);
    this.#size = file === undefined ? 0 : (await file.stat()).size;
    return file;
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

/** A file that is not there is no failure. */
export function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
