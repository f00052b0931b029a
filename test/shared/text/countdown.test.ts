/** The words for the time that is left, at each edge, and that they change exactly when they say that they do. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  countdown,
  countdownChangesInMs,
  type Limited,
  roughCountdown,
  roughCountdownChangesInMs,
} from "../../../shared/text/countdown.ts";

const NOW_MS = Date.parse("2026-11-23T09:30:00.000Z");
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

function limited(leftMs: number, rest: Partial<Limited> = {}): Limited {
  return { state: "pending", on_timeout: "deny", expires_at: new Date(NOW_MS + leftMs).toISOString(), ...rest };
}

describe("the time left", () => {
  it.each([
    { leftMs: -5 * MINUTE, says: "denied now", changesInMs: undefined },
    { leftMs: 0, says: "denied now", changesInMs: undefined },
    { leftMs: 1, says: "denied in 0:01", changesInMs: 1 },
    { leftMs: 29_500, says: "denied in 0:30", changesInMs: 500 },
    { leftMs: MINUTE, says: "denied in 1:00", changesInMs: SECOND },
    { leftMs: MINUTE + 1, says: "denied in 1:10", changesInMs: 1 },
    { leftMs: 4 * MINUTE + 32 * SECOND, says: "denied in 4:40", changesInMs: 2 * SECOND },
    { leftMs: 10 * MINUTE, says: "denied in 10:00", changesInMs: 10 * SECOND },
    { leftMs: 10 * MINUTE + 5 * SECOND, says: "denied in 10:30", changesInMs: 5 * SECOND },
    { leftMs: HOUR, says: "denied in 1h 0m", changesInMs: 30 * SECOND },
    { leftMs: 2 * HOUR + 5 * MINUTE, says: "denied in 2h 5m", changesInMs: MINUTE },
    { leftMs: 47 * HOUR, says: "denied in 47h 0m", changesInMs: MINUTE },
    { leftMs: 72 * HOUR, says: "denied in 3 days", changesInMs: HOUR },
  ])("with $leftMs ms reads $says", ({ leftMs, says, changesInMs }) => {
    expect(countdown(limited(leftMs), NOW_MS)).toBe(says);
    expect(countdownChangesInMs(limited(leftMs), NOW_MS)).toBe(changesInMs);
  });

  it("says what happens then", () => {
    expect(countdown(limited(30 * SECOND, { on_timeout: "approve" }), NOW_MS)).toBe("approved in 0:30");
    expect(roughCountdown(limited(30 * SECOND, { on_timeout: "approve" }), NOW_MS)).toMatch(/^approved in less/);
  });

  it.each([
    { what: "has no end", approval: limited(0, { expires_at: null }) },
    { what: "was decided", approval: limited(MINUTE, { state: "approved" }) },
  ])("is not told of what $what", ({ approval }) => {
    expect(countdown(approval, NOW_MS)).toBeUndefined();
    expect(countdownChangesInMs(approval, NOW_MS)).toBeUndefined();
    expect(roughCountdown(approval, NOW_MS)).toBeUndefined();
    expect(roughCountdownChangesInMs(approval, NOW_MS)).toBeUndefined();
  });
});

describe("roughly", () => {
  it.each([
    { leftMs: 0, says: "denied in less than 30 seconds", changesInMs: undefined },
    { leftMs: 30 * SECOND, says: "denied in less than 30 seconds", changesInMs: undefined },
    { leftMs: 31 * SECOND, says: "denied in less than a minute", changesInMs: SECOND },
    { leftMs: 4 * MINUTE, says: "denied in less than 5 minutes", changesInMs: 3 * MINUTE },
    { leftMs: 10 * MINUTE, says: "denied in less than 10 minutes", changesInMs: 5 * MINUTE },
    { leftMs: 12 * MINUTE, says: "denied in less than 30 minutes", changesInMs: 2 * MINUTE },
    { leftMs: HOUR, says: "denied in less than an hour", changesInMs: 30 * MINUTE },
    { leftMs: 5 * HOUR, says: undefined, changesInMs: 4 * HOUR },
  ])("with $leftMs ms it reads $says", ({ leftMs, says, changesInMs }) => {
    expect(roughCountdown(limited(leftMs), NOW_MS)).toBe(says);
    expect(roughCountdownChangesInMs(limited(leftMs), NOW_MS)).toBe(changesInMs);
  });
});

describe("for any time left", () => {
  it.each([
    { name: "countdown", words: countdown, changes: countdownChangesInMs },
    { name: "roughCountdown", words: roughCountdown, changes: roughCountdownChangesInMs },
  ])("$name reads the same until it says that it changes, and otherwise then", ({ words, changes }) => {
    return fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 * HOUR }), (leftMs) => {
        const approval = limited(leftMs);
        const inMs = changes(approval, NOW_MS);
        if (inMs === undefined) return;
        expect(inMs).toBeGreaterThan(0);
        expect(words(approval, NOW_MS + inMs - 1)).toBe(words(approval, NOW_MS));
        // Days are counted whole, and looked at by the hour.
        if (leftMs <= 48 * HOUR) expect(words(approval, NOW_MS + inMs)).not.toBe(words(approval, NOW_MS));
      }),
    );
  });
});
