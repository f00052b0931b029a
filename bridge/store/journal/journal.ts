/**
 * Owns the segment that is written to. An append is on disk when it resolves. A full disk is undone and can be tried
 * again; any other failure is final, since after a failed sync nobody knows what the disk has (the kernel may drop the
 * pages and call the next sync a success: PostgreSQL's "fsyncgate", 2018).
 */
import { rm } from "node:fs/promises";
import { syncDirectory } from "../durableFile.ts";
import type { JournalFile, OpenJournalFile } from "./journalFile.ts";
import { type Segment, segmentAt } from "./segmentName.ts";

/**
 * The file is kept this much longer than what is in it, zeros at its end: a sync need not tell the disk of a new length
 * then, which takes as long again as the bytes themselves. A start cuts zeros off, and so does a close.
 */
const RESERVE_BYTES = 1024 * 1024;

/** `disk_full`: nothing was written, try again once there is room. `write_failed`: this journal takes nothing more. */
export class JournalError extends Error {
  readonly code: "disk_full" | "write_failed";

  constructor(code: JournalError["code"], message: string, cause: unknown) {
    super(message, { cause });
    this.name = "JournalError";
    this.code = code;
  }
}

export class Journal {
  readonly #directory: string;
  readonly #openFile: OpenJournalFile;
  #segment: Segment;
  #file: JournalFile;
  #size: number;
  /** The file's length, at least `#size`. */
  #length: number;
  #failure: JournalError | undefined;

  private constructor(directory: string, openFile: OpenJournalFile, segment: Segment, file: JournalFile, size: number) {
    this.#directory = directory;
    this.#openFile = openFile;
    this.#segment = segment;
    this.#file = file;
    this.#size = size;
    this.#length = size;
  }

  /** Opens a segment whose first `size` bytes are whole records; what stands behind them is cut off. */
  static async open(directory: string, segment: Segment, size: number, openFile: OpenJournalFile): Promise<Journal> {
    const file = await openFile(segment.path);
    try {
      await file.truncate(size);
      await file.sync();
      await syncDirectory(directory);
    } catch (error) {
      await file.close();
      // An empty segment left behind would claim that the one before it is complete.
      if (size === 0) await rm(segment.path, { force: true });
      throw error;
    }
    return new Journal(directory, openFile, segment, file, size);
  }

  get segment(): Segment {
    return this.#segment;
  }

  /** Bytes in the segment. */
  get size(): number {
    return this.#size;
  }

  /** @throws JournalError */
  async append(bytes: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const end = this.#size + bytes.length;
    // Not awaited where there is nothing to do: whoever appends counts on being asked for in the same turn.
    if (end > this.#length) await this.#reserve(end);
    // Asked for together, so that both are one trip to the disk's thread.
    const [written, synced] = await Promise.allSettled([this.#file.write(bytes, this.#size), this.#file.sync()]);
    if (written.status === "rejected") throw await this.#undo(written.reason);
    if (synced.status === "rejected") throw this.#fail("The disk did not confirm a write", synced.reason);
    this.#size += bytes.length;
  }

  /** Goes on in a new segment that begins at `first`; the old one is complete. On an error nothing has changed. */
  async rotate(first: number): Promise<void> {
    // A segment is only ever followed by another when all of it is known to be on disk.
    if (this.#failure !== undefined) throw this.#failure;
    await this.#cutReserve();
    const segment = segmentAt(this.#directory, first);
    const next = await Journal.open(this.#directory, segment, 0, this.#openFile);
    const old = this.#file;
    this.#segment = segment;
    this.#file = next.#file;
    this.#size = 0;
    this.#length = 0;
    // All of it is synced: nothing can be lost by a close that fails.
    await old.close().catch(() => undefined);
  }

  async close(): Promise<void> {
    // What stands behind a failed write is for the next start to judge.
    if (this.#failure === undefined) await this.#cutReserve();
    await this.#file.close();
  }

  /** Makes the file longer ahead of time. Where that fails, the write itself tells what is wrong, if anything is. */
  async #reserve(end: number): Promise<void> {
    const length = end + RESERVE_BYTES;
    await this.#file.truncate(length).then(
      () => {
        this.#length = length;
      },
      () => undefined,
    );
  }

  /** Zeros that stay do no harm: a start knows them for what they are. */
  async #cutReserve(): Promise<void> {
    if (this.#length === this.#size) return;
    await this.#file.truncate(this.#size).then(
      () => {
        this.#length = this.#size;
      },
      () => undefined,
    );
  }

  async #undo(error: unknown): Promise<JournalError> {
    if (!isDiskFull(error)) return this.#fail("The disk refused a write", error);
    try {
      await this.#file.truncate(this.#size);
      this.#length = this.#size;
    } catch (truncateError) {
      return this.#fail("The disk is full, and what was half written could not be cut off", truncateError);
    }
    return new JournalError("disk_full", `The disk that holds ${this.#directory} is full`, error);
  }

  #fail(what: string, cause: unknown): JournalError {
    this.#failure = new JournalError("write_failed", `${what} (${this.#segment.path})`, cause);
    return this.#failure;
  }
}

/** No space, over quota, or over the largest file size. */
function isDiskFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && ["ENOSPC", "EDQUOT", "EFBIG"].includes(String(error.code));
}
