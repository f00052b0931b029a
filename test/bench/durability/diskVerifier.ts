/** Owns comparing what is on disk with what was acknowledged: nothing lost, doubled, changed or out of order. */
import { isDeepStrictEqual } from "node:util";
import type { Acknowledgement } from "./acknowledgement.ts";
import type { DiskContent, DiskEvent } from "./diskReader.ts";
import type { Violation } from "./streamHistory.ts";

/** @param removableBefore events with a timestamp (RFC 3339) before it may have been removed by retention. */
export function verifyDisk(
  { firstSeq, thinned, events, faults }: DiskContent,
  acknowledged: readonly Acknowledgement[],
  removableBefore: string,
): readonly Violation[] {
  const violations: Violation[] = faults.map((message) => ({ rule: "intact", message }));
  const mayBeGone = (seq: number) => seq < firstSeq || thinned.some(({ from, to }) => from <= seq && seq <= to);
  const note = (rule: string, message: string) => void violations.push({ rule, message });

  const bySeq = new Map<number, DiskEvent>();
  const seqById = new Map<string, number>();
  for (const event of events) {
    const { seq, eventId, body, file } = event;
    const other = bySeq.get(seq);
    if (other !== undefined && !isDeepStrictEqual(other.body, body)) {
      note("doubled", `${seq} is one event in ${other.file} and another in ${file}`);
    }
    if ((seqById.get(eventId) ?? seq) !== seq) note("doubled", `${eventId} is ${seqById.get(eventId)} and ${seq}`);
    bySeq.set(seq, event);
    seqById.set(eventId, seq);
  }

  // The numbers have no hole but those that retention has announced.
  const lastSeq = Math.max(0, ...bySeq.keys());
  for (let seq = firstSeq; seq <= lastSeq; seq++) {
    if (!bySeq.has(seq) && !mayBeGone(seq)) note("unbroken", `${seq} is missing, and ${lastSeq} is there`);
  }

  const lastSeqOf = new Map<string, { seq: number; count: number }>();
  for (const { seq, count, publisher, event } of [...acknowledged].sort((a, b) => a.seq - b.seq)) {
    const before = lastSeqOf.get(publisher);
    if (before !== undefined && before.seq === seq) note("doubled", `two events of ${publisher} were told ${seq}`);
    if (before !== undefined && before.count > count) {
      note("order", `${publisher}'s event ${count} has ${seq}, after its event ${before.count} with ${before.seq}`);
    }
    lastSeqOf.set(publisher, { seq, count });
    const found = bySeq.get(seq);
    const isEarly = event.timestamp >= removableBefore;
    if (found === undefined ? mayBeGone(seq) : seq < firstSeq) {
      if (isEarly) note("lost", `${seq} was removed before its time (${event.timestamp})`);
    } else if (found === undefined) {
      note("lost", `${seq} (${event.event_id}) was acknowledged and is not there`);
    } else if (!contains(found.body, event)) {
      note("changed", `${seq} (${event.event_id}) is not what was published`);
    }
  }
  return violations;
}

/** Whether a stored event has every field as it was sent; the bridge may add some. */
function contains(stored: Readonly<Record<string, unknown>>, sent: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(sent).every(([field, value]) => isDeepStrictEqual(stored[field], value));
}
