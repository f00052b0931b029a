/** Owns one of a command's output streams on its way through us: untouched, at the speed of who reads it, and noted. */
import type { Readable, Writable } from "node:stream";

/**
 * More than the system holds between two processes, so that once this much came after the command's end, all that it wrote
 * itself has come; what still comes is of processes that it left behind.
 */
const MAX_LAST_BYTES = 1024 * 1024;

export class Passage {
  /** Resolves when nothing comes through any more. */
  readonly closed: Promise<void>;
  readonly #from: Readable;
  #isReaderSlow = false;
  #hasPeriodOutput = false;
  #lastBytes: number | undefined;

  /** Whoever reads `to` slowly slows the command, as without us; whoever closes it closes the command's output. */
  constructor(from: Readable, to: Writable, onOutput: (chunk: Buffer) => void) {
    this.#from = from;
    this.closed = new Promise((resolve) => from.once("close", resolve));
    from.on("data", (chunk: Buffer) => {
      this.#hasPeriodOutput = true;
      if (this.#lastBytes !== undefined) this.#lastBytes += chunk.length;
      onOutput(chunk);
      if (to.write(chunk)) return;
      this.#isReaderSlow = true;
      from.pause();
      to.once("drain", () => {
        this.#isReaderSlow = false;
        from.resume();
      });
    });
    to.on("error", () => this.close());
    // What cannot be read cannot be passed on; the command itself goes on, and ends as it will.
    from.on("error", () => this.close());
  }

  /** The command has ended: what comes from now on is the rest. */
  beginLast(): void {
    this.#lastBytes = 0;
  }

  /** Begins a period of which `isBusy` tells. */
  beginPeriod(): void {
    this.#hasPeriodOutput = false;
  }

  /** Whether more of the command's own output is to be expected. */
  get isBusy(): boolean {
    if (this.#from.destroyed) return false;
    if (this.#isReaderSlow) return true;
    return this.#hasPeriodOutput && (this.#lastBytes ?? 0) <= MAX_LAST_BYTES;
  }

  close(): void {
    this.#isReaderSlow = false;
    this.#from.destroy();
  }
}
