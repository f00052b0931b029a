/**
 * Owns sharing what was read of a log: a thousand followers at the same place cost one read, and get the same frame, so
 * that it is encoded once as well.
 */
import type { LogFrame } from "../../shared/protocol/log.ts";
import type { LineChunk } from "./lineReader.ts";

/** Frames of about 64 KiB that are kept for those who come to the same place a little later. */
const MAX_FRAMES = 32;

/** Undefined where there is no whole line to read. */
export type SharedFrame = Extract<LogFrame, { readonly type: "log.lines" }> | undefined;

interface Entry {
  /** What the log was like when it was read. */
  readonly key: string;
  readonly frame: Promise<SharedFrame>;
}

export class FrameCache {
  readonly #entries = new Map<number, Entry>();

  /** The frame at an offset, read unless somebody has already, of the same log: `key` tells that. */
  frame(offset: number, key: string, read: () => Promise<LineChunk>): Promise<SharedFrame> {
    const known = this.#entries.get(offset);
    if (known?.key === key) return known.frame;
    const frame = read().then(({ lines, nextOffset }): SharedFrame => {
      if (lines.length === 0) return undefined;
      return { type: "log.lines", data: { offset, next_offset: nextOffset, lines } };
    });
    this.#entries.delete(offset);
    this.#entries.set(offset, { key, frame });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= MAX_FRAMES) break;
      this.#entries.delete(oldest);
    }
    // One that failed is tried again by the next one who asks.
    frame.catch(() => this.#entries.delete(offset));
    return frame;
  }
}
