/**
 * Owns judging a reader's history by the guarantees that etcd gives its watchers (etcd's API guarantees, "Watch APIs"):
 * ordered, unique, reliable, resumable, bookmarkable; and by our own: nothing is shown that is not on disk.
 */
import type { HistoryEntry, StreamHistory, TrueEvent, Violation } from "./streamHistory.ts";

export type HistoryValidator = (history: StreamHistory, truth: readonly TrueEvent[]) => readonly Violation[];

/** Every event comes behind all that came before it, over all connections. */
export const ordered: HistoryValidator = ({ reader, entries }) => {
  const violations: Violation[] = [];
  let last = 0;
  for (const { seq } of eventsOf(entries)) {
    if (seq < last) violations.push({ rule: "ordered", message: `${reader} got ${seq} after ${last}` });
    last = seq;
  }
  return violations;
};

/** No event comes twice, neither by its number nor by its id. */
export const unique: HistoryValidator = ({ reader, entries }) => {
  const seen = new Set<string>();
  return eventsOf(entries).flatMap(({ seq, eventId }) => {
    const isKnown = seen.has(eventId) || seen.has(String(seq));
    seen.add(eventId).add(String(seq));
    return isKnown ? [{ rule: "unique", message: `${reader} got ${seq} (${eventId}) again` }] : [];
  });
};

/** What a reader was shown is on disk, under that very number. */
export const durable: HistoryValidator = ({ reader, entries }, truth) => {
  const eventIds = new Map(truth.map(({ seq, eventId }) => [seq, eventId]));
  return eventsOf(entries).flatMap(({ seq, eventId }) =>
    eventIds.get(seq) === eventId
      ? []
      : [{ rule: "durable", message: `${reader} was shown ${seq} (${eventId}), which is not on disk` }],
  );
};

/** Between the first and the last thing that it heard, a reader got every event, or was told that it cannot have it. */
export const reliable: HistoryValidator = ({ reader, entries }, truth) => {
  const first = entries.find(({ kind }) => kind === "connected");
  const from = first?.kind === "connected" ? first.after : 0;
  const to = Math.max(from, ...entries.map((entry) => ("seq" in entry ? entry.seq : 0)));
  return missing(entries, truth, from, to).map((seq) => ({
    rule: "reliable",
    message: `${reader} never got ${seq}, and was not told why`,
  }));
};

/** Each connection goes on exactly where the cursor that it was asked with stands. */
export const resumable: HistoryValidator = ({ reader, entries }, truth) =>
  connections(entries).flatMap(({ after, heard }) => {
    const first = eventsOf(heard)[0];
    if (first === undefined) return [];
    const early = first.seq <= after ? [`begins with ${first.seq}`] : [];
    const skipped = missing(heard, truth, after, first.seq).map((seq) => `skips ${seq}`);
    return [...early, ...skipped].map((what) => ({
      rule: "resumable",
      message: `${reader}'s connection behind ${after} ${what}`,
    }));
  });

/** Behind a bookmark comes nothing that stands before it, and before it nothing is missing. */
export const bookmarkable: HistoryValidator = ({ reader, entries }, truth) =>
  connections(entries).flatMap(({ after, heard }) => {
    const violations: Violation[] = [];
    let bookmark = after;
    for (const [position, entry] of heard.entries()) {
      if (entry.kind === "event" && entry.seq <= bookmark) {
        violations.push({
          rule: "bookmarkable",
          message: `${reader} got ${entry.seq} behind the bookmark ${bookmark}`,
        });
      }
      if (entry.kind !== "bookmark") continue;
      for (const seq of missing(heard.slice(0, position), truth, bookmark, entry.seq)) {
        violations.push({ rule: "bookmarkable", message: `${reader} had no ${seq} at the bookmark ${entry.seq}` });
      }
      bookmark = entry.seq;
    }
    return violations;
  });

/** All of them. `truth` is what of all events the reader's filter lets through, ascending. */
export const validateHistory: HistoryValidator = (history, truth) =>
  [ordered, unique, durable, reliable, resumable, bookmarkable].flatMap((validate) => validate(history, truth));

type EventEntry = Extract<HistoryEntry, { kind: "event" }>;

function eventsOf(entries: readonly HistoryEntry[]): readonly EventEntry[] {
  return entries.flatMap((entry) => (entry.kind === "event" ? [entry] : []));
}

interface Connection {
  readonly after: number;
  readonly heard: readonly HistoryEntry[];
}

function connections(entries: readonly HistoryEntry[]): readonly Connection[] {
  const starts = [...entries.entries()].flatMap(([position, { kind }]) => (kind === "connected" ? [position] : []));
  return starts.map((start, index) => {
    const opening = entries[start];
    const after = opening?.kind === "connected" ? opening.after : 0;
    return { after, heard: entries.slice(start + 1, starts[index + 1]) };
  });
}

/** The events above `after` and up to `to` that were neither got nor declared gone. */
function missing(
  entries: readonly HistoryEntry[],
  truth: readonly TrueEvent[],
  after: number,
  to: number,
): readonly number[] {
  const got = new Set(eventsOf(entries).map(({ seq }) => seq));
  const gaps = entries.flatMap((entry) => (entry.kind === "gap" ? [entry] : []));
  return between(truth, after, to)
    .map(({ seq }) => seq)
    .filter((seq) => !got.has(seq) && !gaps.some((gap) => gap.from <= seq && seq <= gap.to));
}

/** By bisection: a run has hundreds of connections and a hundred thousand events. */
function between(truth: readonly TrueEvent[], after: number, to: number): readonly TrueEvent[] {
  return truth.slice(firstAbove(truth, after), firstAbove(truth, to));
}

function firstAbove(truth: readonly TrueEvent[], seq: number): number {
  let low = 0;
  let high = truth.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((truth[middle]?.seq ?? Number.POSITIVE_INFINITY) > seq) high = middle;
    else low = middle + 1;
  }
  return low;
}
