/** Holds the store's pure parts to their tables. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BloomFilter } from "../../../bridge/store/bloomFilter.ts";
import { canonicalJson, contentHash, withoutSeq } from "../../../bridge/store/eventContent.ts";
import { decodeRecord, encodeRecord, joinLines, readLines } from "../../../bridge/store/journal/journalRecord.ts";
import { mergeRanges, rangesFrom, uncovered } from "../../../bridge/store/seqRange.ts";
import { decodeSidecar, encodeSidecar } from "../../../bridge/store/worker/sidecar.ts";
import { makeEvent } from "./storeFixture.ts";

describe("a journal record", () => {
  it("comes back as it was, whatever the event holds", () => {
    fc.assert(
      fc.property(fc.nat(), fc.jsonValue(), fc.option(fc.string(), { nil: undefined }), (seq, value, cursor) => {
        const event = makeEvent(1, { data: { value } });
        const encoded = Buffer.from(encodeRecord(seq, JSON.stringify(event), cursor));
        expect(encoded.indexOf("\n")).toBe(encoded.length - 1);
        const line = encoded.subarray(0, -1);
        const record = decodeRecord(line);
        const body = JSON.stringify(event);
        const written = JSON.parse(JSON.stringify({ seq, event, body, bus_cursor: cursor }));
        expect(record).toEqual({ ...written, line });
        const position = decodeRecord(Buffer.from(encodeRecord(seq, undefined, "1-0")).subarray(0, -1));
        const records = [record, position, record].filter((each) => each !== undefined);
        const read = { seq, event: written.event, body: Buffer.from(body) };
        expect([...readLines(joinLines(records))]).toEqual([read, read]);
      }),
    );
  });

  it("is refused when any one bit of it is another", () => {
    const line = Buffer.from(encodeRecord(7, JSON.stringify(makeEvent(7)), "1-0")).subarray(0, -1);
    for (let bit = 0; bit < line.length * 8; bit++) {
      const flipped = Buffer.from(line);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decodeRecord(flipped)).toBeUndefined();
    }
  });
});

describe("an event's content", () => {
  it("is the same in any order of keys, and after a trip through JSON", () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, item]) => [key, shuffled(item)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, other) => {
        expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
        const read: unknown = JSON.parse(JSON.stringify(value));
        expect(canonicalJson(read)).toBe(canonicalJson(value));
        const isSame = canonicalJson(value) === canonicalJson(other);
        expect(isSame).toBe(JSON.stringify(shuffled(shuffled(value))) === JSON.stringify(other) || isSame);
      }),
    );
  });

  it.each([
    { a: makeEvent(1), b: { ...makeEvent(1), seq: 9 }, same: true },
    { a: makeEvent(1), b: makeEvent(1, { visibility: "internal" }), same: false },
    { a: makeEvent(1, { data: { x: undefined } }), b: makeEvent(1, { data: {} }), same: true },
    { a: makeEvent(1, { data: { x: [1, 2] } }), b: makeEvent(1, { data: { x: [2, 1] } }), same: false },
    { a: makeEvent(1), b: makeEvent(1, { timestamp: "2026-11-02T00:00:00.000Z" }), same: true },
  ])("leaves seq, time and absent fields out, case %#", ({ a, b, same }) => {
    expect(contentHash(withoutSeq(a)) === contentHash(withoutSeq(b))).toBe(same);
  });
});

describe("a Bloom filter", () => {
  it("knows every id that is in it, and hardly any other", () => {
    const filter = BloomFilter.of(Array.from({ length: 25_000 }, (_, number) => makeEvent(number).event_id));
    for (let number = 0; number < 25_000; number++) expect(filter.mayHave(makeEvent(number).event_id)).toBe(true);
    let wrong = 0;
    for (let number = 25_000; number < 225_000; number++) if (filter.mayHave(makeEvent(number).event_id)) wrong++;
    // 12 hashes at 24 bits an id: 1 in 100,000 by the formula.
    expect(wrong).toBeLessThan(20);
  });

  it.each([
    { members: [10_000, 10_001, 10_240], bytes: 30_720 },
    { members: [10_241], bytes: 32_768 },
    { members: [25_000], bytes: 81_920 },
    { members: [0, 1, 2], bytes: 8 },
    { members: [3], bytes: 9 },
  ])("has one size for about as many: $bytes bytes for $members", ({ members, bytes }) => {
    for (const count of members) expect(BloomFilter.of(Array(count).fill("x")).bits.length).toBe(bytes);
  });

  it("is as large as its members need, and no more than an eighth larger", () => {
    for (let count = 3; count < 3_000; count += 7) {
      const { length } = BloomFilter.of(Array(count).fill("x")).bits;
      expect(length).toBeGreaterThanOrEqual(count * 3);
      expect(length).toBeLessThanOrEqual((count * 3 * 9) / 8);
    }
  });

  it("is empty for no ids", () => {
    expect(BloomFilter.of([]).mayHave("x")).toBe(false);
  });
});

describe("a sidecar", () => {
  const sidecar = {
    events: 3,
    oldestMs: 1,
    newestMs: 2,
    sealedAtMs: 4,
    bytes: 5,
    ids: new Uint8Array([10, 0, 255, 10]),
    terms: new Uint8Array([10, 123]),
    pages: new Uint32Array([0, 7, 0xffff_ffff]),
  };
  it("comes back as it was, and not at all when a bit is another", () => {
    const bytes = encodeSidecar(sidecar);
    expect(decodeSidecar(bytes)).toEqual(sidecar);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      // The space between checksum and content says nothing.
      if (bit >> 3 === 8) continue;
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decodeSidecar(flipped)).toBeUndefined();
    }
    for (let size = 0; size < bytes.length; size++) expect(decodeSidecar(bytes.subarray(0, size))).toBeUndefined();
  });
});

describe("ranges of seq", () => {
  it.each([
    { ranges: [], merged: [] },
    {
      ranges: [
        [5, 6],
        [1, 2],
      ],
      merged: [
        [1, 2],
        [5, 6],
      ],
    },
    {
      ranges: [
        [1, 2],
        [3, 4],
      ],
      merged: [[1, 4]],
    },
    {
      ranges: [
        [1, 9],
        [3, 4],
        [12, 12],
      ],
      merged: [
        [1, 9],
        [12, 12],
      ],
    },
  ])("are merged: $ranges", ({ ranges, merged }) => {
    expect(mergeRanges(ranges.map(range))).toEqual(merged.map(range));
  });

  it.each([
    { of: [[1, 10]], known: [], left: [[1, 10]] },
    { of: [[1, 10]], known: [[1, 10]], left: [] },
    {
      of: [[1, 10]],
      known: [
        [3, 4],
        [9, 20],
      ],
      left: [
        [1, 2],
        [5, 8],
      ],
    },
    {
      of: [
        [1, 2],
        [5, 6],
      ],
      known: [[2, 5]],
      left: [
        [1, 1],
        [6, 6],
      ],
    },
    { of: [[1, 0]], known: [], left: [] },
  ])("leave what is not covered: $of without $known", ({ of, known, left }) => {
    expect(uncovered(of.map(range), known.map(range))).toEqual(left.map(range));
  });

  it("are cut at their beginning", () => {
    expect(
      rangesFrom(
        [
          [1, 2],
          [4, 8],
          [9, 9],
        ].map(range),
        5,
      ),
    ).toEqual(
      [
        [5, 8],
        [9, 9],
      ].map(range),
    );
  });
});

function range([from = 0, to = 0]: readonly number[]) {
  return { from, to };
}
