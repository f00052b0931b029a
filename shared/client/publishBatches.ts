/** Owns cutting what is to be published into pieces that the bridge takes in one go. */
import type { EventInput } from "../events/event.ts";
import { MAX_BATCH_EVENTS, MAX_BODY_BYTES } from "../protocol/version.ts";

/** Room for what stands around the events in a request or frame. */
const ENVELOPE_BYTES = 1024;

/** One event or several, as they travel. */
export interface EventTexts {
  /** Each is JSON. */
  readonly events: readonly string[];
  /** Of all of them, with a comma each. */
  readonly bytes: number;
}

/** Cuts events into batches, in order. An event too large for any batch is one of its own: the bridge says so. */
export function publishBatches(events: readonly EventInput[]): EventTexts[] {
  return fitTogether(events.map(eventText)).map((group) => ({
    events: group.flatMap((each) => each.events),
    bytes: group.reduce((sum, each) => sum + each.bytes, 0),
  }));
}

/** Groups neighbours, in order, so that each group fits into a request or frame. */
export function fitTogether<T extends EventTexts>(all: readonly T[]): T[][] {
  const groups: T[][] = [];
  let group: T[] = [];
  let count = 0;
  let bytes = ENVELOPE_BYTES;
  for (const each of all) {
    const isFull = count + each.events.length > MAX_BATCH_EVENTS || bytes + each.bytes > MAX_BODY_BYTES;
    if (isFull && group.length > 0) {
      groups.push(group);
      group = [];
      count = 0;
      bytes = ENVELOPE_BYTES;
    }
    group.push(each);
    count += each.events.length;
    bytes += each.bytes;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

function eventText(event: EventInput): EventTexts {
  const text = JSON.stringify(event);
  return { events: [text], bytes: Buffer.byteLength(text) + 1 };
}
