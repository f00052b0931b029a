/**
 * Owns one reader of the event stream until it is live: what it missed comes from the store, page by page, each when the
 * one before was taken. Nothing is queued for it meanwhile, since the store is the queue.
 */
import type { ControlEvent } from "../../shared/protocol/controlEvent.ts";
import type { Cursor } from "../../shared/protocol/cursor.ts";
import { type EventFilter, matchesFilter } from "../../shared/protocol/filter.ts";
import { CURSOR_EVERY_EVENTS } from "../../shared/protocol/version.ts";
import type { EventStore } from "../store/eventStore.ts";
import { rangesFrom } from "../store/seqRange.ts";
import type { Outlet } from "./outlet.ts";
import { cutPage, type LostRange } from "./page.ts";
import { type Gap, retentionGap, startPosition } from "./startPosition.ts";
import type { OutgoingEvent, StreamEncoding } from "./streamEncoding.ts";

/** What streams read from: the store, which may also know what damaged files have lost, and where retention was. */
export interface StreamStore extends Pick<EventStore, "epoch" | "firstSeq" | "lastSeq" | "query"> {
  gaps?(): readonly LostRange[];
  thinned?(): readonly LostRange[];
}

const PAGE_EVENTS = 500;

export interface ReaderObserver {
  didReplay(count: number): void;
  didTellGap(gap: Gap): void;
}

export class StreamReader {
  readonly filter: EventFilter;
  readonly encoding: StreamEncoding;
  readonly outlet: Outlet;
  /** Aborted when the reader leaves or its connection closes. */
  readonly signal: AbortSignal;
  readonly #leave = new AbortController();
  readonly #store: StreamStore;
  readonly #observer: ReaderObserver;
  readonly #cursor: Cursor | undefined;
  #position = 0;
  /** The `seq` that the last frame with a cursor carried. */
  #toldSeq = 0;
  /** Up to where it was told that retention has removed events between others. */
  #toldThinnedSeq = 0;

  constructor(options: {
    readonly store: StreamStore;
    readonly filter: EventFilter;
    readonly encoding: StreamEncoding;
    readonly outlet: Outlet;
    readonly cursor: Cursor | undefined;
    readonly observer: ReaderObserver;
  }) {
    this.#store = options.store;
    this.#observer = options.observer;
    this.#cursor = options.cursor;
    this.filter = options.filter;
    this.encoding = options.encoding;
    this.outlet = options.outlet;
    this.signal = AbortSignal.any([this.#leave.signal, options.outlet.closed]);
  }

  /** Everything up to this `seq` was read for it, and what matches was written. */
  get position(): number {
    return this.#position;
  }

  /** Ends it; its connection stays open. */
  leave(): void {
    this.#leave.abort();
  }

  /** Says where reading begins and what of it is gone. */
  open(): void {
    const { epoch, firstSeq, lastSeq } = this.#store;
    const { after, gap } = startPosition(this.#cursor, { epoch, firstSeq, lastSeq });
    this.#position = after;
    this.#toldSeq = after;
    this.writeControl({
      event_type: "stream.opened",
      data: { epoch, first_seq: firstSeq, last_seq: lastSeq, after },
    });
    if (gap !== undefined) this.#tellGap(gap, after);
  }

  /**
   * Writes the next page and waits until it was taken. Resolves at once when the page was empty.
   *
   * @throws ProblemError or an abort, from the store.
   */
  async readPage(): Promise<void> {
    const store = this.#store;
    const removed = retentionGap(this.#position, store.firstSeq);
    if (removed !== undefined) this.#skip(removed);

    const after = this.#position;
    // Read before the query: it sees at least this far.
    const head = store.lastSeq;
    const events = await store.query({
      filter: this.filter,
      after,
      limit: PAGE_EVENTS,
      order: "asc",
      signal: this.signal,
    });
    // Retention may have passed the query. What it took from under it is told, never left out in silence.
    const overtaken = retentionGap(after, store.firstSeq);
    if (overtaken !== undefined) this.#skip(overtaken);

    const rest = events.filter(({ seq }) => seq > this.#position);
    const lastRead = events.at(-1)?.seq ?? after;
    const until = Math.max(events.length < PAGE_EVENTS ? Math.max(head, lastRead) : lastRead, this.#position);
    const lost = store.gaps?.() ?? [];
    const thinned = rangesFrom(store.thinned?.() ?? [], this.#toldThinnedSeq + 1);
    for (const stretch of cutPage({ events: rest, lost, thinned, after: this.#position, until })) {
      if (this.signal.aborted) return;
      if (stretch.kind === "events") await this.#writePage(stretch.events);
      else this.#tellMissing(stretch.kind, stretch.range);
    }
    this.#position = until;
    if (until - this.#toldSeq >= CURSOR_EVERY_EVENTS) this.writeCursor();
  }

  /** Writes what came by while the last page was on its way. */
  writeMatching(recent: readonly OutgoingEvent[], lastSeq: number): void {
    const matching = recent.filter(({ event }) => event.seq > this.#position && matchesFilter(this.filter, event));
    if (matching.length > 0) {
      this.outlet.write(this.encoding.encodeEvents(matching), matching.length);
      this.#observer.didReplay(matching.length);
    }
    this.#position = Math.max(this.#position, lastSeq);
  }

  writeControl(control: ControlEvent, seq?: number): void {
    this.outlet.write(this.encoding.encodeControl(control, seq), 0);
    if (seq !== undefined) this.#toldSeq = seq;
  }

  writeCursor(): void {
    const seq = this.#position;
    this.writeControl({ event_type: "stream.cursor", data: { seq } }, seq);
  }

  async #writePage(events: readonly OutgoingEvent[]): Promise<void> {
    await this.outlet.flush(this.encoding.encodeEvents(events), events.length);
    this.#toldSeq = events.at(-1)?.event.seq ?? this.#toldSeq;
    this.#observer.didReplay(events.length);
  }

  #tellMissing(kind: "lost" | "thinned", range: LostRange): void {
    if (kind === "lost") {
      this.#tellGap({ ...range, reason: "corrupt" }, range.to);
      return;
    }
    // What is left in the range comes after this: its reader does not stand at the end of it yet.
    this.#tellGap({ ...range, reason: "retention" }, range.from - 1);
    this.#toldThinnedSeq = range.to;
  }

  #skip(gap: Gap): void {
    this.#position = gap.to;
    this.#tellGap(gap, gap.to);
  }

  #tellGap(gap: Gap, seq: number): void {
    this.writeControl({ event_type: "stream.gap", data: gap }, seq);
    this.#observer.didTellGap(gap);
  }
}
