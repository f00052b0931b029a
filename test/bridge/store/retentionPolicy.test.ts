/** Holds the rules of what goes: by time, under clocks that jump, by project, by pin and by weight. */
import { describe, expect, it } from "vitest";
import {
  ageRules,
  boundedTime,
  judgeByTimes,
  judgeByWeight,
  oldestFirst,
  retentionNow,
  roomRules,
  timeBounds,
} from "../../../bridge/store/retentionPolicy.ts";
import type { RetentionSettings } from "../../../shared/protocol/store.ts";

const DAY = 86_400_000;
const day = (number: number) => Date.UTC(2026, 0, 1) + number * DAY;
const NOW = day(100);

const settings = (changes: Partial<RetentionSettings> = {}): RetentionSettings => ({
  days: 30,
  max_bytes: null,
  projects: {},
  pinned: [],
  ...changes,
});
const pinned = [{ project_id: "shop", session_id: "main" }];

describe("retention's own now", () => {
  it.each([
    { what: "the clock at first", clock: NOW, last: undefined, now: NOW },
    { what: "the clock as it goes", clock: NOW + 3_600_000, last: NOW, now: NOW + 3_600_000 },
    { what: "a day at most when the clock jumps ahead", clock: NOW + 3650 * DAY, last: NOW, now: NOW + DAY },
    { what: "the clock at once when it goes back", clock: NOW - 400 * DAY, last: NOW, now: NOW - 400 * DAY },
  ])("is $what", ({ clock, last, now }) => {
    expect(retentionNow(clock, last)).toBe(now);
  });
});

describe("what a partition's times count for", () => {
  const partition = (arrived: number) => ({ oldestMs: 0, newestMs: 0, arrivedByMs: day(arrived) });
  const bounds = (...arrived: number[]) =>
    timeBounds(arrived.map(partition), NOW).map(({ leastMs, mostMs }) => ({
      // Whether events' own times count for anything, and what they count for at most.
      own: leastMs < mostMs,
      most: (mostMs - day(0)) / DAY,
    }));

  it.each([
    {
      what: "a clock that goes well",
      arrived: [10, 20, 30],
      expected: [
        [true, 10],
        [true, 20],
        [true, 30],
      ],
    },
    {
      what: "one that was years ahead and was set back",
      arrived: [10, 3650, 3651, 40],
      expected: [
        [true, 10],
        [false, 40],
        [false, 40],
        [true, 40],
      ],
    },
    {
      what: "one that is ahead still",
      arrived: [10, 3650],
      expected: [
        [true, 10],
        [false, 100],
      ],
    },
    {
      what: "one that was years behind and was set right",
      arrived: [10, -20_000, 40],
      expected: [
        [true, 10],
        [false, 40],
        [true, 40],
      ],
    },
    {
      what: "one that is behind since",
      arrived: [10, -20_000],
      expected: [
        [true, 10],
        [false, 100],
      ],
    },
  ])("under $what", ({ arrived, expected }) => {
    expect(bounds(...arrived).map(({ own, most }) => [own, most])).toEqual(expected);
  });

  it("bounds an event's own time by them", () => {
    expect(boundedTime(day(999), { leastMs: day(0), mostMs: day(10) })).toBe(day(10));
    expect(boundedTime(day(-999), { leastMs: day(10), mostMs: day(10) })).toBe(day(10));
    expect(boundedTime(day(5), { leastMs: day(0), mostMs: day(10) })).toBe(day(5));
  });
});

describe("by its times a partition", () => {
  const trusted = { leastMs: day(-9999), mostMs: NOW };
  it.each([
    { what: "stays that is young", from: 90, to: 99, verdict: "keep" },
    { what: "goes that is old", from: 10, to: 69, verdict: "remove" },
    { what: "stays on its last day", from: 70, to: 70, verdict: "keep" },
    { what: "is weighed that is both", from: 10, to: 99, verdict: "weigh" },
    {
      what: "goes that is old for every project",
      from: 10,
      to: 20,
      changes: { projects: { a: { days: 60 } } },
      verdict: "remove",
    },
    {
      what: "is weighed that is old for some",
      from: 50,
      to: 60,
      changes: { projects: { a: { days: 60 } } },
      verdict: "weigh",
    },
    {
      what: "is weighed that is old for the brief ones",
      from: 80,
      to: 85,
      changes: { projects: { a: { days: 7 } } },
      verdict: "weigh",
    },
    { what: "is weighed when a session is pinned", from: 10, to: 20, changes: { pinned }, verdict: "weigh" },
    { what: "stays for ever when told so", from: -9000, to: -8000, changes: { days: null }, verdict: "keep" },
  ])("$what", ({ from, to, changes, verdict }) => {
    const age = { oldestMs: day(from), newestMs: day(to), arrivedByMs: day(to) };
    expect(judgeByTimes(age, trusted, ageRules(settings(changes), NOW))).toBe(verdict);
  });

  it("is judged alike all day long", () => {
    const age = { oldestMs: day(10), newestMs: day(70) - 1, arrivedByMs: day(70) };
    for (const now of [NOW, NOW + DAY - 1]) {
      expect(judgeByTimes(age, trusted, ageRules(settings(), now))).toBe("remove");
    }
  });

  it("goes whatever its age when room is needed, but for what is pinned", () => {
    const age = { oldestMs: day(99), newestMs: NOW, arrivedByMs: NOW };
    expect(judgeByTimes(age, trusted, roomRules([]))).toBe("remove");
    expect(judgeByTimes(age, trusted, roomRules(pinned))).toBe("weigh");
  });

  it("is not wiped by a producer or a clock of 1970 between others", () => {
    const partitions = [day(98), day(-20_000), day(99)].map((arrivedByMs) => ({
      oldestMs: Math.min(arrivedByMs, day(98)),
      newestMs: arrivedByMs,
      arrivedByMs,
    }));
    const rules = ageRules(settings(), NOW);
    const verdicts = timeBounds(partitions, NOW).map((bounds, index) => {
      const age = partitions[index];
      return age === undefined ? undefined : judgeByTimes(age, bounds, rules);
    });
    expect(verdicts).toEqual(["keep", "keep", "keep"]);
  });
});

describe("by its weight a partition", () => {
  const weight = (removableEvents: number, removableBytes: number) => ({
    events: 100,
    bytes: 1000,
    removableEvents,
    removableBytes,
  });
  it.each([
    { what: "stays of which nothing may go", weight: weight(0, 0), share: 0, verdict: "keep" },
    { what: "stays of which too little may go", weight: weight(30, 249), share: 0.25, verdict: "keep" },
    { what: "is thinned for a quarter of its bytes", weight: weight(1, 250), share: 0.25, verdict: "thin" },
    { what: "is thinned for anything when room is needed", weight: weight(1, 1), share: 0, verdict: "thin" },
    { what: "goes of which all may go", weight: weight(100, 1000), share: 0.25, verdict: "remove" },
    {
      what: "goes that is empty",
      weight: { events: 0, bytes: 0, removableEvents: 0, removableBytes: 0 },
      share: 0.25,
      verdict: "remove",
    },
  ])("$what", ({ weight: own, share, verdict }) => {
    expect(judgeByWeight(own, share)).toBe(verdict);
  });
});

it("makes room from the oldest on", () => {
  const holdings = [3, 1, 2].map((number) => ({ what: number, newestMs: day(number) }));
  expect(oldestFirst(holdings)).toEqual([1, 2, 3]);
});
