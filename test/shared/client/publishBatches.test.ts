import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EventTexts, publishBatches } from "../../../shared/client/publishBatches.ts";
import { MAX_BATCH_EVENTS, MAX_BODY_BYTES } from "../../../shared/protocol/version.ts";

const read = ({ events }: EventTexts): unknown[] => events.map((text) => JSON.parse(text));
const event = (text: string) => ({ event_type: "job.progress", project_id: "p", job_id: "j", data: { text } });

describe("cutting events into batches", () => {
  it("keeps them all, in order, within what the bridge takes", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(10, 1_000, 200_000), { maxLength: 60 }), (sizes) => {
        const events = sizes.map((size, index) => event(`${index} ${"é".repeat(size / 2)}`));
        const batches = publishBatches(events);
        expect(batches.flatMap(read)).toEqual(events);
        for (const batch of batches)
          expect(Buffer.byteLength(JSON.stringify(read(batch)))).toBeLessThanOrEqual(MAX_BODY_BYTES);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    { count: 0, sizes: [] },
    { count: 1, sizes: [1] },
    { count: MAX_BATCH_EVENTS, sizes: [MAX_BATCH_EVENTS] },
    { count: MAX_BATCH_EVENTS + 1, sizes: [MAX_BATCH_EVENTS, 1] },
  ])("makes $sizes of $count small ones", ({ count, sizes }) => {
    const batches = publishBatches(Array.from({ length: count }, () => event("x")));
    expect(batches.map(({ events }) => events.length)).toEqual(sizes);
  });

  it("leaves one that is too large for any batch to the bridge's own words", () => {
    const large = event("x".repeat(MAX_BODY_BYTES));
    expect(publishBatches([event("a"), large, event("b")]).map(read)).toEqual([[event("a")], [large], [event("b")]]);
  });
});
