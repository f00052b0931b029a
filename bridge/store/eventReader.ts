/** Owns a query's way through the partitions: one after the other, so that others' queries get their turn in between. */
import type { StoredEvent } from "../../shared/events/event.ts";
import { problem } from "../../shared/protocol/problem.ts";
import { contentHash, parseBody } from "./eventContent.ts";
import type { KnownEvent } from "./eventIndex.ts";
import type { EventQuery } from "./eventStore.ts";
import type { Partition, PartitionCatalogue } from "./partitionCatalogue.ts";
import { mayHaveTerms, requiredTerms } from "./partitionTerms.ts";
import type { PartitionWorker } from "./partitionWorker.ts";
import type { RowFilter, RowQuery } from "./worker/messages.ts";

/** JSON that is parsed before the event loop gets its turn. */
const MAX_CHARACTERS_A_TURN = 512 * 1024;

/** Answers what `EventStore.query` promises. */
export async function readEvents(
  query: EventQuery,
  catalogue: PartitionCatalogue,
  worker: PartitionWorker,
): Promise<readonly StoredEvent[]> {
  const { after = 0, before = Number.MAX_SAFE_INTEGER, order, limit, signal } = query;
  const filter = rowFilter(query);
  const required = requiredTerms(filter);
  const wanted = catalogue.all.filter(
    (partition) =>
      mayHold(partition, after, before, filter) &&
      (partition.terms === undefined || mayHaveTerms(partition.terms, required)),
  );
  if (order === "desc") wanted.reverse();

  const events: StoredEvent[] = [];
  for (const { first, last, isSealed } of wanted) {
    if (events.length >= limit) break;
    signal?.throwIfAborted();
    // Its own numbers alone: it may be written as one with its neighbours while they are read one after the other.
    const own = { after: Math.max(after, first - 1), before: isSealed ? Math.min(before, last + 1) : before };
    const rowQuery: RowQuery = { filter, ...own, order, limit: limit - events.length };
    await parseInto(events, await worker.call("query", { partition: first, query: rowQuery }));
  }
  signal?.throwIfAborted();
  return events;
}

/** What a partition has under these ids. */
export async function findKnown(
  worker: PartitionWorker,
  partition: number,
  eventIds: readonly string[],
): Promise<ReadonlyMap<string, KnownEvent>> {
  const rows = await worker.call("find", { partition, eventIds });
  return new Map(rows.map(({ seq, eventId, body }) => [eventId, { seq, hash: contentHash(parseBody(body)) }]));
}

function mayHold(partition: Partition, after: number, before: number, { sinceMs, untilMs }: RowFilter): boolean {
  return (
    partition.events > 0 &&
    partition.last > after &&
    partition.first < before &&
    (sinceMs === undefined || partition.newestMs >= sinceMs) &&
    (untilMs === undefined || partition.oldestMs <= untilMs)
  );
}

function rowFilter({ filter, search }: EventQuery): RowFilter {
  const { project_id, session_id, job_id, type, since, until } = filter;
  return {
    ...(project_id === undefined ? {} : { project: project_id }),
    ...(session_id === undefined ? {} : { session: session_id }),
    ...(job_id === undefined ? {} : { job: job_id }),
    ...(type === undefined ? {} : { type }),
    ...(since === undefined ? {} : { sinceMs: milliseconds("since", since) }),
    ...(until === undefined ? {} : { untilMs: milliseconds("until", until) }),
    ...(search === undefined ? {} : { search }),
  };
}

function milliseconds(name: string, time: string): number {
  const value = Date.parse(time);
  if (!Number.isNaN(value)) return value;
  throw problem("invalid_filter", `"${name}" must be an RFC 3339 time, not "${time}"`);
}

async function parseInto(events: StoredEvent[], rows: readonly (readonly [number, string])[]): Promise<void> {
  let characters = 0;
  for (const [seq, body] of rows) {
    if (characters > MAX_CHARACTERS_A_TURN) {
      await new Promise((resolve) => setImmediate(resolve));
      characters = 0;
    }
    events.push({ ...parseBody(body), seq });
    characters += body.length;
  }
}
