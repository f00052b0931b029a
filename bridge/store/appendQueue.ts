/**
 * Owns the moment in which an event gets its `seq`: appends are taken strictly in the order of the calls; an event that is
 * known keeps its first `seq`; the others are admitted or refused one by one.
 */
import type { Event, StoredEvent } from "../../shared/events/event.ts";
import { type ProblemError, problem } from "../../shared/protocol/problem.ts";
import { contentHash, withoutSeq } from "./eventContent.ts";
import type { EventIndex, KnownEvent } from "./eventIndex.ts";
import type { AppendOptions, AppendOutcome } from "./eventStore.ts";
import type { CommitEntry } from "./groupCommit.ts";
import { encodeRecord } from "./journal/journalRecord.ts";

/** What one record of the journal stands for. */
export interface AppendEntry extends CommitEntry {
  readonly event?: StoredEvent;
  /** The event's JSON. */
  readonly body?: string;
  readonly busCursor?: string;
}

export interface AppendQueueOptions {
  readonly index: EventIndex;
  readonly lastSeq: number;
  /** Resolves when the entries, and all before them, are on disk. */
  readonly commit: (entries: readonly AppendEntry[]) => Promise<void>;
  /** Looks ids up in a sealed partition. */
  readonly find: (partition: number, eventIds: readonly string[]) => Promise<ReadonlyMap<string, KnownEvent>>;
  /** Why nothing can be taken now. */
  readonly refusal: () => ProblemError | undefined;
}

interface Request {
  readonly events: readonly Event[];
  readonly options: AppendOptions;
  readonly resolve: (outcomes: Promise<readonly AppendOutcome[]>) => void;
  readonly reject: (error: unknown) => void;
  /** What was looked up for it, as `partition event_id`, and what was found. */
  readonly lookedUp: Set<string>;
  readonly found: Map<string, KnownEvent>;
}

export class AppendQueue {
  readonly #options: AppendQueueOptions;
  readonly #requests: Request[] = [];
  #lastSeq: number;
  #isLookingUp = false;
  #newest: Promise<unknown> = Promise.resolve();

  constructor(options: AppendQueueOptions) {
    this.#options = options;
    this.#lastSeq = options.lastSeq;
  }

  append(events: readonly Event[], options: AppendOptions): Promise<readonly AppendOutcome[]> {
    const outcomes = new Promise<readonly AppendOutcome[]>((resolve, reject) => {
      this.#requests.push({ events, options, resolve, reject, lookedUp: new Set(), found: new Map() });
    });
    this.#newest = outcomes;
    this.#drain();
    return outcomes;
  }

  /** Resolves when every append so far has its answer. */
  async idle(): Promise<void> {
    await Promise.allSettled([this.#newest]);
  }

  /** What was sequenced after `seq` did not get on disk: its numbers are free again. */
  rewind(seq: number): void {
    this.#options.index.forgetAfter(seq);
    this.#lastSeq = seq;
  }

  #drain(): void {
    while (!this.#isLookingUp) {
      const request = this.#requests[0];
      if (request === undefined) return;
      const refusal = this.#options.refusal();
      const suspects = refusal === undefined ? this.#suspects(request) : new Map<number, string[]>();
      if (suspects.size > 0) {
        this.#lookUp(request, suspects);
        return;
      }
      this.#requests.shift();
      if (refusal === undefined) this.#take(request);
      else request.reject(refusal);
    }
  }

  /** The ids that sealed partitions may know and that were not looked up there yet. */
  #suspects({ events, lookedUp }: Request): Map<number, string[]> {
    const suspects = new Map<number, string[]>();
    for (const { event_id } of events) {
      for (const partition of this.#options.index.suspects(event_id)) {
        if (lookedUp.has(`${partition} ${event_id}`)) continue;
        suspects.set(partition, [...(suspects.get(partition) ?? []), event_id]);
      }
    }
    return suspects;
  }

  /** Holds the queue up, so that order stays order. Meanwhile a partition may get sealed: the suspects are asked for again. */
  #lookUp(request: Request, suspects: ReadonlyMap<number, readonly string[]>): void {
    this.#isLookingUp = true;
    const searches = [...suspects].map(async ([partition, eventIds]) => {
      for (const [eventId, known] of await this.#options.find(partition, eventIds)) request.found.set(eventId, known);
      for (const eventId of eventIds) request.lookedUp.add(`${partition} ${eventId}`);
    });
    Promise.all(searches)
      .catch((error: unknown) => {
        this.#requests.shift();
        request.reject(error);
      })
      .finally(() => {
        this.#isLookingUp = false;
        this.#drain();
      });
  }

  #take(request: Request): void {
    const { events, options } = request;
    const entries: AppendEntry[] = [];
    let outcomes: Promise<readonly AppendOutcome[]>;
    try {
      outcomes = Promise.resolve(events.map((event) => this.#sequence(withoutSeq(event), request, entries)));
    } catch (error) {
      // Admission failed on one event: those before it in this append have their places, and are written.
      outcomes = Promise.reject(error);
    }
    this.#addCursor(entries, options.busCursor);
    // Without an entry of its own an append may have met an event that is still in flight: it waits for that one.
    const onDisk = this.#options.commit(entries);
    request.resolve(Promise.all([outcomes, onDisk]).then(([result]) => result));
  }

  /** The bus's place goes with the append's last event: once it is on disk, so is all that was read before it. */
  #addCursor(entries: AppendEntry[], busCursor: string | undefined): void {
    if (busCursor === undefined) return;
    const last = entries.pop();
    const seq = last?.event?.seq ?? this.#lastSeq;
    entries.push({ ...last, line: encodeRecord(seq, last?.body, busCursor), busCursor });
  }

  #sequence(event: Event, { options, found }: Request, entries: AppendEntry[]): AppendOutcome {
    const { index } = this.#options;
    const known = index.get(event.event_id) ?? found.get(event.event_id);
    if (known !== undefined) {
      return known.hash === contentHash(event)
        ? { kind: "stored", seq: known.seq, duplicate: true }
        : { kind: "refused", problem: conflict(event, known.seq) };
    }
    // The journal has it, and its row is not in the worker: better taken for the same than stored again.
    const seqOnDisk = index.seqOnDisk(event.event_id);
    if (seqOnDisk !== undefined) return { kind: "stored", seq: seqOnDisk, duplicate: true };
    const refusal = options.admit?.(event);
    if (refusal !== undefined) return { kind: "refused", problem: refusal };
    const body = JSON.stringify(event);
    const seq = ++this.#lastSeq;
    index.add(event.event_id, seq, body);
    entries.push({ line: encodeRecord(seq, body, undefined), event: { ...event, seq }, body });
    return { kind: "stored", seq, duplicate: false };
  }
}

function conflict(event: Event, seq: number): ProblemError {
  return problem(
    "event_id_conflict",
    `The event_id ${event.event_id} is taken by another event (seq ${seq}) with other content. ` +
      "Give each event an id of its own, and publish an event again only as it was.",
    { context: { event_id: event.event_id, seq } },
  );
}
