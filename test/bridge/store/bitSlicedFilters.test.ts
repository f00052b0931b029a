/** Holds filters that are asked together to answering as each of them does alone. */
import { createHash, randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BitSlicedBlock } from "../../../bridge/store/bitSlicedBlock.ts";
import { BitSlicedFilters } from "../../../bridge/store/bitSlicedFilters.ts";
import { BloomFilter, bloomHash } from "../../../bridge/store/bloomFilter.ts";

const ids = (count: number) => Array.from({ length: count }, () => randomUUID());

/** Both forms, so that each change is made to both and every answer is compared. */
class Pair {
  readonly sliced = new BitSlicedFilters();
  readonly plain = new Map<number, BloomFilter>();

  set(key: number, filter: BloomFilter): void {
    // What is given over is written over.
    this.sliced.set(key, new BloomFilter(copied(filter.bits)));
    this.plain.set(key, filter);
  }

  delete(key: number): void {
    this.sliced.delete(key);
    this.plain.delete(key);
  }

  expectSameAnswer(text: string): void {
    const expected = [...this.plain].flatMap(([key, filter]) => (filter.mayHave(text) ? [key] : []));
    expect(sorted(this.sliced.whichMayHave(bloomHash(text)))).toEqual(sorted(expected));
  }
}

const sorted = (keys: readonly number[]) => keys.toSorted((a, b) => a - b);

/** At the same place in its buffer. */
function copied({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.slice(0), byteOffset, length);
}

/**
 * Fuller than one of texts, so that any text seems to be in a few of many: three bits in four are set. It begins anywhere
 * in its buffer, as what came in a message may.
 */
function dense(seed: number, bytes: number): BloomFilter {
  const random = (name: string) => createHash("shake256", { outputLength: bytes }).update(name).digest();
  const other = random(`other ${seed}`);
  const bits = new Uint8Array(new ArrayBuffer(bytes + 3), seed % 4, bytes);
  bits.set(random(`${seed}`).map((byte, index) => byte | (other[index] ?? 0)));
  return new BloomFilter(bits);
}

describe("filters that are asked together", () => {
  it("know nothing while there are none", () => {
    const filters = new BitSlicedFilters();
    filters.delete(1);
    expect(filters.whichMayHave(bloomHash("x"))).toEqual([]);
  });

  it.each([1, 31, 32, 33, 63, 64, 65, 100])("find each of %d by what is in it", (count) => {
    const pair = new Pair();
    const members = Array.from({ length: count }, () => ids(200));
    for (const [key, texts] of members.entries()) pair.set(key, BloomFilter.of(texts));
    for (const [key, texts] of members.entries()) {
      for (const text of texts) expect(pair.sliced.whichMayHave(bloomHash(text))).toContain(key);
    }
    for (const text of ids(2_000)) pair.expectSameAnswer(text);
  });

  it("tell hardly any other text from a new one, as many as each alone does", () => {
    const filters = new BitSlicedFilters();
    for (let key = 0; key < 40; key++) filters.set(key, BloomFilter.of(ids(1_000)));
    let wrong = 0;
    for (const text of ids(20_000)) wrong += filters.whichMayHave(bloomHash(text)).length;
    // Of 800,000 looks: 1 in 100,000 by the formula.
    expect(wrong).toBeLessThan(40);
  });

  it("answer as each alone does, whatever their sizes and whatever comes and goes", () => {
    // Sizes that fill words, and sizes that do not: older stores have both.
    const size = fc.constantFrom(8, 9, 30, 32, 75, 1_000);
    const change = fc.record({ key: fc.nat(150), bytes: fc.option(size, { nil: undefined, freq: 4 }) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 600, size: "max" }), (changes) => {
        const pair = new Pair();
        for (const [index, { key, bytes }] of changes.entries()) {
          if (bytes === undefined) pair.delete(key);
          else pair.set(key, dense(index, bytes));
          if (index % 7 === 0) pair.expectSameAnswer(`text ${index}`);
        }
        for (let index = 0; index < 50; index++) pair.expectSameAnswer(`end ${index}`);
      }),
      { numRuns: 60 },
    );
  });

  it("take new ones in the place of those that went", () => {
    const pair = new Pair();
    for (let key = 0; key < 70; key++) pair.set(key, dense(key, 64));
    for (let round = 0; round < 200; round++) {
      pair.delete(round);
      pair.set(70 + round, dense(70 + round, 64));
      for (let index = 0; index < 5; index++) pair.expectSameAnswer(`round ${round} ${index}`);
    }
    for (const key of [...pair.plain.keys()]) pair.delete(key);
    expect(pair.sliced.whichMayHave(bloomHash("x"))).toEqual([]);
  });

  it("are put together in a block only where they are of one size", () => {
    const filters = Array.from({ length: 32 }, (_, key) => ({ key, filter: dense(key, key === 20 ? 68 : 64) }));
    expect(() => new BitSlicedBlock(filters)).toThrow(RangeError);
    expect(() => new BitSlicedBlock(filters.slice(0, 20))).toThrow(RangeError);
  });
});
