/**
 * Owns gathering lines into few large pieces: an output channel takes each append through the editor's own protocol, so
 * that one a line freezes the window at a busy job.
 */

/** What a batch is given to; an output channel is one. */
export interface TextSink {
  append(text: string): void;
}

/** How long a line waits at most for others. Short enough to look live. */
export const MAX_DELAY_MS = 50;
/** In UTF-16 units. A batch that has grown to this goes at once. */
export const MAX_BATCH_LENGTH = 64 * 1024;

export class TextBatch {
  readonly #sink: TextSink;
  #pieces: string[] = [];
  #length = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(sink: TextSink) {
    this.#sink = sink;
  }

  addLine(line: string): void {
    this.#pieces.push(line, "\n");
    this.#length += line.length + 1;
    if (this.#length >= MAX_BATCH_LENGTH) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), MAX_DELAY_MS);
  }

  /** Gives on all that it has. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#length === 0) return;
    const text = this.#pieces.join("");
    this.#pieces = [];
    this.#length = 0;
    this.#sink.append(text);
  }

  /** Drops what it has. */
  discard(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pieces = [];
    this.#length = 0;
  }
}
