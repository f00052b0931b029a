/** Owns noting a job's output in its spool: every byte, until a bridge has been away for so much of it that a disk would mind. */
import type { Spool } from "../spool/spool.ts";

/** What waits for a bridge takes no more of the disk than this, plus a little; in the spool bytes take a third more. */
const MAX_BACKLOG_BYTES = 256 * 1024 * 1024;

export class OutputRecorder {
  readonly #spool: Pick<Spool, "add" | "backlogBytes">;
  readonly #maxBacklogBytes: number;
  #offset = 0;
  #droppedBytes = 0;

  constructor(spool: Pick<Spool, "add" | "backlogBytes">, maxBacklogBytes = MAX_BACKLOG_BYTES) {
    this.#spool = spool;
    this.#maxBacklogBytes = maxBacklogBytes;
  }

  take(chunk: Buffer): void {
    if (this.#spool.backlogBytes > this.#maxBacklogBytes) {
      this.#droppedBytes += chunk.length;
      return;
    }
    this.end();
    this.#note(chunk);
  }

  /** Says in the log what is missing there. */
  end(): void {
    if (this.#droppedBytes === 0) return;
    this.#note(
      Buffer.from(`\n[televibe: ${this.#droppedBytes} bytes of output are missing here: no bridge took them]\n`),
    );
    this.#droppedBytes = 0;
  }

  #note(bytes: Buffer): void {
    this.#spool.add({ kind: "log", offset: this.#offset, data: bytes.toString("base64") });
    this.#offset += bytes.length;
  }
}
