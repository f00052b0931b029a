import { describe, expect, it } from "vitest";
import { firstRetentionGap, retentionGap, startPosition } from "../../../bridge/stream/startPosition.ts";

const EPOCH = "0123456789abcdef";

describe("where a reader begins", () => {
  it.each([
    { what: "no cursor: now", cursor: undefined, first: 1, last: 9, expected: { after: 9 } },
    { what: "a bare 0: everything", cursor: { seq: 0 }, first: 1, last: 9, expected: { after: 0 } },
    { what: "a place inside", cursor: { epoch: EPOCH, seq: 5 }, first: 1, last: 9, expected: { after: 5 } },
    { what: "the head", cursor: { epoch: EPOCH, seq: 9 }, first: 1, last: 9, expected: { after: 9 } },
    { what: "an empty store", cursor: { seq: 0 }, first: 1, last: 0, expected: { after: 0 } },
    {
      what: "just before the oldest",
      cursor: { epoch: EPOCH, seq: 3 },
      first: 4,
      last: 9,
      expected: { after: 3 },
    },
    {
      what: "what retention took",
      cursor: { epoch: EPOCH, seq: 1 },
      first: 4,
      last: 9,
      expected: { after: 3, gap: { from: 2, to: 3, reason: "retention" } },
    },
    {
      what: "a bare 0 after retention: told as well",
      cursor: { seq: 0 },
      first: 4,
      last: 9,
      expected: { after: 3, gap: { from: 1, to: 3, reason: "retention" } },
    },
    {
      what: "everything was removed",
      cursor: { epoch: EPOCH, seq: 2 },
      first: 10,
      last: 9,
      expected: { after: 9, gap: { from: 3, to: 9, reason: "retention" } },
    },
    {
      what: "another store",
      cursor: { epoch: "ffffffffffffffff", seq: 5 },
      first: 1,
      last: 9,
      expected: { after: 0, gap: { from: 1, to: 0, reason: "reset" } },
    },
    {
      what: "another store, and retention",
      cursor: { epoch: "ffffffffffffffff", seq: 5 },
      first: 4,
      last: 9,
      expected: { after: 3, gap: { from: 1, to: 3, reason: "reset" } },
    },
    {
      what: "ahead of a store that was restored",
      cursor: { epoch: EPOCH, seq: 10 },
      first: 1,
      last: 9,
      expected: { after: 0, gap: { from: 1, to: 0, reason: "reset" } },
    },
    {
      what: "a bare seq that is ahead",
      cursor: { seq: 10 },
      first: 1,
      last: 9,
      expected: { after: 0, gap: { from: 1, to: 0, reason: "reset" } },
    },
  ])("$what", ({ cursor, first, last, expected }) => {
    expect(startPosition(cursor, { epoch: EPOCH, firstSeq: first, lastSeq: last })).toEqual(expected);
  });

  it.each([
    { what: "nothing", after: 9, until: 20, gap: undefined },
    { what: "the old end before what is between", after: 1, until: 20, gap: [2, 4] },
    { what: "what is between, whole", after: 5, until: 7, gap: [7, 9] },
    { what: "what is left of it", after: 7, until: 8, gap: [8, 9] },
    { what: "nothing that lies behind the page", after: 9, until: 29, gap: undefined },
    { what: "the next one", after: 9, until: 30, gap: [30, 31] },
  ])("finds $what in a page from $after to $until", ({ after, until, gap }) => {
    const thinned = [
      { from: 7, to: 9 },
      { from: 30, to: 31 },
    ];
    const found = firstRetentionGap(after, until, { firstSeq: 5, thinned });
    expect(found).toEqual(gap === undefined ? undefined : { from: gap[0], to: gap[1], reason: "retention" });
  });

  it("finds no gap where nothing is missing", () => {
    expect(retentionGap(3, 4)).toBeUndefined();
    expect(retentionGap(2, 4)).toEqual({ from: 3, to: 3, reason: "retention" });
  });
});
