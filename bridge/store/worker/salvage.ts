/** Owns getting out of a partition's bytes, damaged or not, every event that is still what was written. */
import type { SqlJsStatic } from "sql.js";
import type { Event } from "../../../shared/events/event.ts";
import { GrowingPartition, type InsertedEvent } from "./growingPartition.ts";
import type { SeqSpan } from "./messages.ts";
import { PartitionDatabase } from "./partitionDatabase.ts";
import { PARTITION_FORMAT } from "./partitionSchema.ts";

export interface Salvaged {
  /** A new database with all whole events. */
  readonly database: GrowingPartition;
  /** Numbers between `first` and `last` under which nothing whole was found. */
  readonly lost: readonly SeqSpan[];
  /** Everything could be read, and SQLite finds its own structure sound. */
  readonly isIntact: boolean;
  /** Its tables are laid out as an earlier version did. */
  readonly isOlder: boolean;
}

export function salvage(sql: SqlJsStatic, bytes: Uint8Array, first: number, last: number): Salvaged {
  const database = GrowingPartition.create(sql);
  const whole: InsertedEvent[] = [];
  const lost: { from: number; to: number }[] = [];
  const source = attempt(() => PartitionDatabase.open(sql, bytes));
  let isIntact = source !== undefined && attempt(() => source.isSound()) === true;
  for (let seq = first; seq <= last; seq++) {
    // One at a time: a damaged page fails its own rows and no others.
    const body = source === undefined ? undefined : attempt(() => source.wholeBody(seq));
    const event: Event | undefined = body === undefined ? undefined : JSON.parse(body);
    if (source !== undefined && body !== undefined && event !== undefined && isUnder(seq, event, source)) {
      whole.push({ seq, event, body: Buffer.from(body) });
      continue;
    }
    const span = lost.at(-1);
    if (span?.to === seq - 1) span.to = seq;
    else lost.push({ from: seq, to: seq });
  }
  database.insert(whole);
  const format = attempt(() => source?.format());
  if (source !== undefined) {
    isIntact &&= attempt(() => source.summary().events) === whole.length;
    attempt(() => source.close());
  }
  return { database, lost, isIntact, isOlder: format !== undefined && format < PARTITION_FORMAT };
}

/**
 * The body's checksum does not cover the row's number. Where the index of event ids has another one for the event, one of
 * the two is wrong: the row, unless under the index's number there stands another event.
 */
function isUnder(seq: number, { event_id }: Event, source: PartitionDatabase): boolean {
  const indexed = attempt(() => source.indexedSeq(event_id)) ?? seq;
  if (indexed === seq) return true;
  const other = attempt(() => source.wholeBody(indexed));
  return other !== undefined && JSON.parse(other).event_id !== event_id;
}

/** What SQLite throws here says only that the bytes are damaged, which is the very thing that is being found out. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
