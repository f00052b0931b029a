/** How routine notices are collected, and for how long. */
import { describe, expect, it } from "vitest";
import { addNotice, batchMessage, EMPTY_BATCH, merge } from "../../../bridge/telegram/notify/batch.ts";
import { nextWindowMs } from "../../../bridge/telegram/notify/batchWindow.ts";
import { type EventNotice, eventNotice } from "../../../bridge/telegram/notify/eventMessage.ts";
import { storedEvent } from "../../builders/storedEvent.ts";

function progress(message: string, session = "s1"): EventNotice {
  const notice = eventNotice(storedEvent(1, { type: "job.progress", session, job: "j", data: { message } }));
  if (notice === undefined) throw new Error("Progress is told");
  return notice;
}
const batchOf = (...notices: EventNotice[]) => notices.reduce(addNotice, EMPTY_BATCH);

describe("a batch", () => {
  it("of one is that one's own message", () => {
    expect(batchMessage(batchOf(progress("half")))).toEqual({ text: "⚙️ s1: half" });
  });

  it("of several goes by session, the last five of each, and says how many more", () => {
    const many = Array.from({ length: 8 }, (_, index) => progress(`step ${index}`));
    expect(batchMessage(batchOf(...many, progress("other", "s2"))).text).toBe(
      [
        "📂 s1 (shop):",
        ...[3, 4, 5, 6, 7].map((step) => `  • progress: step ${step}`),
        "  …and 3 more",
        "📂 s2 (shop):",
        "  • progress: other",
      ].join("\n"),
    );
  });

  it("that could not go joins what came since, in order", () => {
    const merged = merge(batchOf(progress("one"), progress("two")), batchOf(progress("three")));
    expect(batchMessage(merged).text).toBe("📂 s1 (shop):\n  • progress: one\n  • progress: two\n  • progress: three");
  });

  it("stays within one message, however many sessions and however long their texts", () => {
    const notices = Array.from({ length: 300 }, (_, index) => progress("x".repeat(1000), `session ${index % 40}`));
    const { text } = batchMessage(batchOf(...notices));
    expect(text.length).toBeLessThan(12 * 1000);
    expect(text).toMatch(/^…and 28 more sessions\n/);
  });
});

describe("a window", () => {
  it.each([
    [2_000, Number.POSITIVE_INFINITY, 2_000],
    [2_000, 500, 4_000],
    [4_000, 500, 8_000],
    [32_000, 0, 60_000],
    [60_000, 10, 60_000],
    [60_000, 119_000, 60_000],
    [60_000, 122_001, 2_000],
    [2_000, 6_001, 2_000],
  ])("after one of %d ms and a pause of %d ms is %d ms", (last, quiet, expected) => {
    expect(nextWindowMs(last, quiet)).toBe(expected);
  });
});
