/**
 * Owns reading the order that Redis gives into the local store: from this bridge's cursor on, over all projects' streams,
 * merged by position. The cursor is stored with the events, so nothing is read twice into the store and nothing is passed.
 */
import { randomBytes } from "node:crypto";
import * as z from "zod";
import type { Event } from "../../../shared/events/event.ts";
import type { EventDefaults } from "../../../shared/events/parse.ts";
import type { Logger } from "../../diagnostics/logger.ts";
import type { AppendOutcome, EventStore } from "../../store/eventStore.ts";
import { parseEventText } from "./outboxFile.ts";
import {
  BEGINNING,
  type BusCursor,
  comparePositions,
  formatBusCursor,
  formatPosition,
  type Position,
  parseBusCursor,
  parsePosition,
} from "./position.ts";
import type { RedisLink } from "./redisLink.ts";
import { BEGIN_EPOCH, KNOWS, READ } from "./scripts.ts";

/** Entries read of one stream at a time. */
const PAGE_ENTRIES = 500;

const entryReply = z.tuple([z.string(), z.string(), z.string()]);
const readReply = z.tuple([z.string(), z.string(), z.string(), z.array(z.array(entryReply))]);
type EntryReply = z.infer<typeof entryReply>;

export interface OrderedReaderOptions {
  readonly link: Pick<RedisLink, "run">;
  readonly store: Pick<EventStore, "append" | "busCursor">;
  readonly defaults: EventDefaults;
  /** Entries that a stream keeps, about. */
  readonly maxStreamEntries: number;
  /** Called before an event is stored, in order. */
  readonly onEvent: (event: Event) => void;
  /** `token` is the publisher's. */
  readonly onStored: (token: string, outcome: AppendOutcome) => void;
  /** Redis has another memory than the one that this bridge knew: what it lacks is to be sent again. */
  readonly onReset: () => void;
  /** Entries were trimmed before this bridge came to read them; its own may be among them. */
  readonly onTrimmed: () => void;
  readonly log: Logger;
}

interface Entry {
  readonly position: Position;
  readonly json: string;
  readonly token: string;
}

export class OrderedReader {
  readonly #options: OrderedReaderOptions;
  #cursor: BusCursor | undefined;
  #isToVerify = true;

  constructor(options: OrderedReaderOptions) {
    this.#options = options;
  }

  /** To be called when the store is open. */
  start(): void {
    this.#cursor = parseBusCursor(this.#options.store.busCursor);
  }

  /** A Redis that was away may have come back from an older copy of itself: the next read looks whether it did. */
  reconnected(): void {
    this.#isToVerify = true;
  }

  /**
   * Reads what there is; resolves when the bridge has all of it.
   *
   * @throws RedisAwayError, or ProblemError `store_unavailable`. What was not stored is read again.
   */
  async readAll(): Promise<void> {
    while (await this.#readPage());
  }

  /** Whether there may be more. */
  async #readPage(): Promise<boolean> {
    const cursor = this.#cursor;
    const from = cursor ?? BEGINNING;
    const answer = await this.#options.link.run(READ, [formatPosition(from), String(from.n), String(PAGE_ENTRIES)]);
    const [epoch, ms, n, streams] = readReply.parse(answer);
    const clock = { ms: Number(ms), n: Number(n) };

    if (epoch === "" || (cursor !== undefined && epoch === cursor.epoch && (await this.#hasLost(cursor, clock)))) {
      // New, emptied, or restored from an older copy. Who notices first begins an epoch, by which all others notice.
      await this.#beginEpoch(epoch, from);
      return true;
    }
    if (epoch !== cursor?.epoch) {
      this.#cursor = { epoch, ...BEGINNING };
      if (cursor !== undefined) {
        this.#options.log.warn("Redis has lost what this bridge knew; it is read anew, and told what it lacks");
        this.#options.onReset();
      }
      return true;
    }

    const { entries, isComplete } = mergeStreams(streams);
    const last = entries.at(-1);
    if (last === undefined) return !isComplete;
    // The clock counts each entry: what is missing between them was trimmed before this bridge came to read it. A bridge
    // that is new here has not lost it; but what it sent just now may be among it.
    const missing = last.position.n - from.n - entries.length;
    await this.#store(entries, { epoch, ...last.position });
    if (missing > 0) {
      if (from.n > 0) this.#options.log.error("Redis has let go of events before this bridge read them", { missing });
      this.#options.onTrimmed();
    }
    return !isComplete;
  }

  /** Whether Redis was restored from a copy that is older than what this bridge has read. */
  async #hasLost(cursor: BusCursor, clock: Position): Promise<boolean> {
    if (clock.n < cursor.n) return true;
    if (!this.#isToVerify) return false;
    const isKnown =
      cursor.n === 0 ||
      (await this.#options.link.run(KNOWS, [formatPosition(cursor), String(this.#options.maxStreamEntries)])) === 1;
    this.#isToVerify = false;
    return !isKnown;
  }

  async #beginEpoch(seen: string, { ms, n }: Position): Promise<void> {
    await this.#options.link.run(BEGIN_EPOCH, [seen, randomBytes(8).toString("hex"), String(ms), String(n)]);
  }

  async #store(entries: readonly Entry[], cursor: BusCursor): Promise<void> {
    const { store, defaults, log, onEvent, onStored } = this.#options;
    const readable = entries.flatMap(({ json, position, token }) => {
      const event = parseEventText(json, defaults);
      if (event === undefined) log.error("Redis holds an entry that is no event; it is passed over", { position });
      return event === undefined ? [] : [{ event, token }];
    });
    const admit = (event: Event) => {
      onEvent(event);
      return undefined;
    };
    const events = readable.map(({ event }) => event);
    const outcomes = await store.append(events, { admit, busCursor: formatBusCursor(cursor) });
    this.#cursor = cursor;
    readable.forEach(({ event, token }, index) => {
      const outcome = outcomes[index];
      if (outcome === undefined) return;
      if (outcome.kind === "refused")
        log.warn("An event of Redis was refused", { event_id: event.event_id, why: outcome.problem.message });
      onStored(token, outcome);
    });
  }
}

/**
 * Merges pages of streams by position. Where a page is full its stream may go on: nothing beyond the earliest end of a full
 * page is taken, since what is missing could come before it.
 */
export function mergeStreams(
  streams: readonly (readonly Readonly<EntryReply>[])[],
  pageEntries: number = PAGE_ENTRIES,
): { readonly entries: readonly Entry[]; readonly isComplete: boolean } {
  const pages = streams.map((page) =>
    page.flatMap(([id, json, token]) => {
      const position = parsePosition(id);
      return position === undefined ? [] : [{ position, json, token }];
    }),
  );
  const ends = pages.filter((page) => page.length >= pageEntries).flatMap((page) => page.at(-1)?.position ?? []);
  const bound = ends.sort(comparePositions)[0];
  const entries = pages
    .flat()
    .filter(({ position }) => bound === undefined || comparePositions(position, bound) <= 0)
    .sort((a, b) => comparePositions(a.position, b.position));
  return { entries, isComplete: bound === undefined };
}
