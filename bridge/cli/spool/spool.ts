/**
 * Owns one job's spool: a file that takes whatever the job gives at once, so that the job never waits, and gives it to the
 * bridge in order as fast as that takes it. Its memory is a position in the file, however long the bridge is away.
 */
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { formatRecord, parseRecord, type SpoolRecord } from "./spoolRecord.ts";

/** About how much is given to the bridge at a time. */
const CHUNK_BYTES = 256 * 1024;

export class Spool {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #wakers = new Set<() => void>();
  #writing: Promise<void> = Promise.resolve();
  /** Bytes that were written and bytes that were delivered. */
  #written = 0;
  #delivered = 0;
  #isEnded = false;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async create(path: string, owner: { readonly jobId: string; readonly pid: number }): Promise<Spool> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const spool = new Spool(path, await open(path, "wx+", 0o600));
    spool.add({ kind: "owner", job_id: owner.jobId, pid: owner.pid });
    return spool;
  }

  get path(): string {
    return this.#path;
  }

  get isDrained(): boolean {
    return this.#delivered === this.#written;
  }

  /** Takes a record at once; it is written behind the ones before it. */
  add(record: SpoolRecord): void {
    const bytes = Buffer.from(formatRecord(record));
    this.#writing = this.#writing.then(async () => {
      await this.#file.write(bytes, 0, bytes.length, this.#written);
      this.#written += bytes.length;
      this.#wake();
    });
    // A full disk must not end the job: what could not be written is missing, and `flush` says so.
    this.#writing.catch(() => this.#wake());
  }

  /** Nothing more will come. */
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  /** Resolves when all that was added is in the file. @throws what the file system said. */
  flush(): Promise<void> {
    return this.#writing;
  }

  /** Gives everything to `deliver`, in order, until the end; what it throws on is given to it again by the next call. */
  async drain(deliver: (records: readonly SpoolRecord[]) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { records, length } = await this.#read();
      if (length > 0) {
        await deliver(records);
        this.#delivered += length;
      } else if (this.#isEnded && (await this.#isSettled()) && this.isDrained) {
        return;
      } else {
        await this.#changed(signal);
      }
    }
  }

  /** Closes the file, and removes it if all of it was delivered. */
  async close(): Promise<void> {
    await this.#isSettled();
    await this.#file.close();
    if (this.isDrained) await rm(this.#path, { force: true });
  }

  async #isSettled(): Promise<boolean> {
    await this.#writing.catch(() => undefined);
    return true;
  }

  async #read(): Promise<{ records: readonly SpoolRecord[]; length: number }> {
    let wanted = CHUNK_BYTES;
    for (;;) {
      const length = Math.min(wanted, this.#written - this.#delivered);
      const buffer = Buffer.alloc(length);
      await this.#file.read(buffer, 0, length, this.#delivered);
      const end = buffer.lastIndexOf("\n") + 1;
      if (end > 0 || length < wanted) return { records: readRecords(buffer.subarray(0, end)), length: end };
      // One record that is longer than a chunk.
      wanted *= 2;
    }
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }

  #changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#written > this.#delivered) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#wakers.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#wakers.add(wake);
      signal.addEventListener("abort", wake);
    });
  }
}

/** The records of whole lines; one that is damaged is left out, since nothing can be made of it. */
export function readRecords(bytes: Buffer): SpoolRecord[] {
  return bytes
    .toString()
    .split("\n")
    .flatMap((line) => (line === "" ? [] : (parseRecord(line) ?? [])));
}
