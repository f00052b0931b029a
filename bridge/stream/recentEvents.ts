/**
 * Owns the newest events for as long as somebody catches up: the bridge between a page from the store, which is a moment
 * old when it arrives, and the next live batch. Without it a reader could run behind a busy bus for ever. One for all
 * readers, and bounded: who is further behind asks the store again.
 */
import type { OutgoingEvent } from "./streamEncoding.ts";

const MAX_EVENTS = 1000;
const MAX_CHARACTERS = 4 * 1024 * 1024;

export class RecentEvents {
  #events: OutgoingEvent[] = [];
  #characters = 0;
  /** Everything behind this `seq`, up to the newest, is here. */
  #coversAfter: number;

  constructor(lastSeq: number) {
    this.#coversAfter = lastSeq;
  }

  /** Whether nothing is missing between a reader's place and the newest event. */
  covers(seq: number): boolean {
    return seq >= this.#coversAfter;
  }

  after(seq: number): readonly OutgoingEvent[] {
    return this.#events.filter(({ event }) => event.seq > seq);
  }

  add(batch: readonly OutgoingEvent[]): void {
    for (const outgoing of batch) {
      this.#events.push(outgoing);
      this.#characters += outgoing.json.length;
    }
    while (this.#events.length > MAX_EVENTS || this.#characters > MAX_CHARACTERS) {
      const oldest = this.#events.shift();
      if (oldest === undefined) return;
      this.#characters -= oldest.json.length;
      this.#coversAfter = oldest.event.seq;
    }
  }

  /** Forgets all: nobody catches up. */
  clear(lastSeq: number): void {
    this.#events = [];
    this.#characters = 0;
    this.#coversAfter = lastSeq;
  }
}
