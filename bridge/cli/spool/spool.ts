/**
 * Owns one job's spool: a file that takes whatever the job gives at once, so that the job never waits, and gives it to the
 * bridge in order as fast as that takes it. Its memory is a position in the file, however long the bridge is away.
 */
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { readPiece } from "./spoolReader.ts";
import { formatRecord, type SpoolOwner, type SpoolRecord } from "./spoolRecord.ts";

/** A spool of which all was delivered begins anew beyond this size. */
const MAX_DELIVERED_BYTES = 8 * 1024 * 1024;

export interface SpoolOptions {
  /** The spool begins anew when all of it was delivered and it is larger than this. */
  readonly maxDeliveredBytes?: number;
}

export class Spool {
  readonly path: string;
  readonly #maxDeliveredBytes: number;
  readonly #head: Buffer;
  readonly #wakers = new Set<() => void>();
  #file: FileHandle | undefined;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #problem: Error | undefined;
  /** Where what was written ends, and what was delivered. */
  #written = 0;
  #delivered = 0;
  #isEnded = false;

  /** Makes the file behind the caller's back: nobody waits for a disk. */
  constructor(path: string, owner: SpoolOwner, { maxDeliveredBytes = MAX_DELIVERED_BYTES }: SpoolOptions = {}) {
    this.path = path;
    this.#maxDeliveredBytes = maxDeliveredBytes;
    this.#head = Buffer.from(formatRecord({ kind: "owner", ...owner }));
    this.#take(this.#head);
  }

  /** Whether all that was added is delivered. */
  get isDrained(): boolean {
    return this.#problem === undefined && this.backlogBytes === 0;
  }

  /** Why nothing can be kept any more; undefined while all is well. */
  get problem(): Error | undefined {
    return this.#problem;
  }

  /** What was added and is not delivered yet. */
  get backlogBytes(): number {
    return this.#waitingBytes + this.#written - this.#delivered;
  }

  /** Takes a record at once; it is written behind the ones before it. After the end, and without a disk, it is dropped. */
  add(record: SpoolRecord): void {
    if (this.#isEnded || this.#problem !== undefined) return;
    this.#take(Buffer.from(formatRecord(record)));
  }

  /** Leaves a sign of life: a job may be silent for hours, and whoever finds its spool has to say until when it ran. */
  touch(): void {
    const now = new Date();
    this.#file?.utimes(now, now).catch(() => {
      // Closed just now, or a disk that is no more: the last sign was the one before.
    });
  }

  /** Nothing more will come. */
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  /** Gives everything to `deliver`, in order, until the end; what it throws on is given to it again by the next call. */
  async drain(deliver: (records: readonly SpoolRecord[]) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const file = this.#file;
      if (file !== undefined && this.#written > this.#delivered) {
        const { records, end } = await readPiece(file, this.#delivered, this.#written);
        await deliver(records);
        this.#delivered = end;
      } else if (this.#isEnded && this.#writing === undefined) {
        return;
      } else {
        await this.#changed(signal);
      }
    }
  }

  /** Closes the file, and removes it if all of it was delivered. */
  async close(): Promise<void> {
    this.end();
    await this.#writing;
    await this.#file?.close();
    if (this.#file !== undefined && this.#written === this.#delivered) await rm(this.path, { force: true });
    this.#file = undefined;
  }

  #take(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const file = await this.#open();
        await this.#beginAnew(file);
        const bytes = Buffer.concat(this.#waiting);
        this.#waiting = [];
        await writeAll(file, bytes, this.#written);
        this.#waitingBytes -= bytes.length;
        this.#written += bytes.length;
        this.#wake();
      }
    } catch (error) {
      // No disk must end the job: what it tells is lost, and whoever closes the spool says so.
      this.#problem = error instanceof Error ? error : new Error(String(error));
      this.#waiting = [];
      this.#waitingBytes = 0;
    } finally {
      this.#writing = undefined;
      this.#wake();
    }
  }

  async #open(): Promise<FileHandle> {
    if (this.#file !== undefined) return this.#file;
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    this.#file = await open(this.path, "wx+", 0o600);
    return this.#file;
  }

  /** Between two writes, with nothing left to read: nobody looks at the file now. */
  async #beginAnew(file: FileHandle): Promise<void> {
    if (this.#written !== this.#delivered || this.#written <= this.#maxDeliveredBytes) return;
    await file.truncate(this.#head.length);
    this.#written = this.#head.length;
    this.#delivered = this.#head.length;
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }

  #changed(signal: AbortSignal): Promise<void> {
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

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}
