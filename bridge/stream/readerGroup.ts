/** Owns live readers that want the same: one filter, one encoding, so one buffer a batch for all of them. */
import { type EventFilter, matchesFilter } from "../../shared/protocol/filter.ts";
import { CURSOR_EVERY_EVENTS } from "../../shared/protocol/version.ts";
import type { OutgoingEvent, StreamEncoding, Transport } from "./streamEncoding.ts";
import type { StreamReader } from "./streamReader.ts";

/** Readers with equal keys share a group. */
export function groupKey(filter: EventFilter, encoding: StreamEncoding): string {
  const { project_id, session_id, job_id, type, since, until } = filter;
  const lists = [project_id, session_id, job_id, type].map((list) => (list === undefined ? null : [...list].sort()));
  return JSON.stringify([encoding.key, ...lists, since ?? null, until ?? null]);
}

export class ReaderGroup {
  readonly transport: Transport;
  readonly #filter: EventFilter;
  readonly #encoding: StreamEncoding;
  /** Each with the `seq` up to which it was served before it joined. */
  readonly #members = new Map<StreamReader, number>();
  #skippedEvents = 0;
  #lastSentMs: number;

  constructor(filter: EventFilter, encoding: StreamEncoding, nowMs: number) {
    this.#filter = filter;
    this.#encoding = encoding;
    this.#lastSentMs = nowMs;
    this.transport = encoding.transport;
  }

  get size(): number {
    return this.#members.size;
  }

  get members(): Iterable<StreamReader> {
    return this.#members.keys();
  }

  add(reader: StreamReader): void {
    this.#members.set(reader, reader.position);
  }

  remove(reader: StreamReader): void {
    this.#members.delete(reader);
  }

  /** Sends what matches; answers how many events went out, over all members. */
  dispatch(batch: readonly OutgoingEvent[], nowMs: number): number {
    const first = batch[0];
    const last = batch.at(-1);
    if (first === undefined || last === undefined) return 0;

    const matching = batch.filter(({ event }) => matchesFilter(this.#filter, event));
    this.#skippedEvents = matching.length === 0 ? this.#skippedEvents + batch.length : 0;
    let delivered = 0;
    if (matching.length > 0) {
      const shared = this.#encoding.encodeEvents(matching);
      for (const [reader, servedSeq] of this.#members) {
        if (servedSeq < first.event.seq) {
          reader.outlet.write(shared, matching.length);
          delivered += matching.length;
        } else {
          delivered += this.#writeRest(reader, servedSeq, matching);
        }
      }
      this.#lastSentMs = nowMs;
    }
    if (this.#skippedEvents >= CURSOR_EVERY_EVENTS) this.writeCursor(last.event.seq, nowMs);
    return delivered;
  }

  /** Tells a quiet group where it stands. */
  checkIdle(seq: number, idleMs: number, nowMs: number): void {
    if (nowMs - this.#lastSentMs >= idleMs) this.writeCursor(seq, nowMs);
  }

  writeCursor(seq: number, nowMs: number): void {
    this.#skippedEvents = 0;
    this.#lastSentMs = nowMs;
    const shared = this.#encoding.encodeControl({ event_type: "stream.cursor", data: { seq } }, seq);
    for (const [reader, servedSeq] of this.#members) {
      // A member that has read ahead of the bus must not be taken back.
      if (servedSeq <= seq) reader.outlet.write(shared, 0);
      else reader.writeCursor();
    }
  }

  /** For a member that had read a part of the batch from the store already. */
  #writeRest(reader: StreamReader, servedSeq: number, matching: readonly OutgoingEvent[]): number {
    const rest = matching.filter(({ event }) => event.seq > servedSeq);
    if (rest.length > 0) reader.outlet.write(this.#encoding.encodeEvents(rest), rest.length);
    return rest.length;
  }
}
