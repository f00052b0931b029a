/** Owns cutting what is to be published into pieces that the bridge takes in one go. */
import type { EventInput } from "../events/event.ts";
import { MAX_BATCH_EVENTS, MAX_BODY_BYTES } from "../protocol/version.ts";

/** Room for what stands around the events in a request or frame. */
const ENVELOPE_BYTES = 1024;

/** Cuts events into batches, in order. An event too large for any batch is one of its own: the bridge says so. */
export function publishBatches(events: readonly EventInput[]): EventInput[][] {
  const batches: EventInput[][] = [];
  let batch: EventInput[] = [];
  let bytes = ENVELOPE_BYTES;
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event)) + 1;
    if (batch.length > 0 && (batch.length === MAX_BATCH_EVENTS || bytes + size > MAX_BODY_BYTES)) {
      batches.push(batch);
      batch = [];
      bytes = ENVELOPE_BYTES;
    }
    batch.push(event);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
