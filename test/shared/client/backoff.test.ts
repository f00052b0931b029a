import { describe, expect, it } from "vitest";
import { backoffDelayMs } from "../../../shared/client/backoff.ts";

describe("the wait before another try", () => {
  it.each([
    { failures: 1, random: 0, delayMs: 0, why: "full jitter begins at nothing" },
    { failures: 1, random: 0.5, delayMs: 125, why: "half of the first bound" },
    { failures: 2, random: 0.5, delayMs: 250, why: "the bound doubles" },
    { failures: 5, random: 0.5, delayMs: 2_000, why: "and doubles" },
    { failures: 6, random: 0.5, delayMs: 4_000, why: "until the most" },
    { failures: 7, random: 0.5, delayMs: 5_000, why: "is reached" },
    { failures: 5_000, random: 0.999_999, delayMs: 9_999, why: "and never passed" },
    { failures: 0, random: 0.5, delayMs: 125, why: "no failure counts as the first" },
  ])("is $delayMs ms after $failures failures with $random: $why", ({ failures, random, delayMs }) => {
    expect(backoffDelayMs(failures, random)).toBe(delayMs);
  });

  it("keeps to the bounds it is given", () => {
    expect(backoffDelayMs(3, 0.5, { firstMs: 10, maxMs: 20 })).toBe(10);
  });
});
