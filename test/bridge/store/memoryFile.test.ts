/** Holds sql.js to writing a growing partition into `MemoryFile`: what is in its pieces is what goes to disk. */
import initSqlJs, { type SqlJsStatic } from "sql.js";
import { beforeAll, describe, expect, it } from "vitest";
import { GrowingPartition, type InsertedEvent } from "../../../bridge/store/worker/growingPartition.ts";
import { MemoryFile } from "../../../bridge/store/worker/memoryFile.ts";
import type { RowFilter } from "../../../bridge/store/worker/messages.ts";
import { PartitionDatabase } from "../../../bridge/store/worker/partitionDatabase.ts";
import { makeEvent } from "./storeFixture.ts";

let sql: SqlJsStatic;
beforeAll(async () => {
  sql = await initSqlJs();
});

const row = (seq: number, text = "x", id = seq): InsertedEvent => {
  const event = makeEvent(id, { data: { text, summary: seq % 7 === 0 ? "The seventh" : "Another one" } });
  return { seq, event, body: Buffer.from(JSON.stringify(event)) };
};
const rows = (from: number, to: number, text?: string) =>
  Array.from({ length: to - from + 1 }, (_, index) => row(from + index, text));

/** The seqs in what would be written to disk. */
function written(database: GrowingPartition): number[] {
  const copy = PartitionDatabase.open(sql, Buffer.concat(database.bytes()));
  expect(copy.isSound()).toBe(true);
  const found = copy.query({ filter: {}, after: 0, before: 1e9, limit: 1e6, order: "asc" }).map(([seq]) => seq);
  copy.close();
  return found;
}

describe("a growing partition", () => {
  it("has in its file what was inserted, after each insert", () => {
    const database = GrowingPartition.create(sql);
    expect(written(database)).toEqual([]);
    for (const last of [1, 2, 700, 5000]) {
      database.insert(rows(1, last, "y".repeat(200)));
      expect(written(database)).toHaveLength(last);
    }
    expect(database.bytes().length).toBeGreaterThan(4);
    database.close();
  });

  it("answers the same whether it is read after each insert or only once it is full", () => {
    const readOften = GrowingPartition.create(sql);
    const readOnce = GrowingPartition.create(sql);
    const all = Array.from({ length: 900 }, (_, index) => row(index + 1));
    const filters: RowFilter[] = [
      {},
      { project: ["televibe"] },
      { session: ["main"] },
      { job: ["job-3"] },
      { type: ["job.*"] },
      { search: "seventh" },
    ];
    const answers = (database: GrowingPartition) => [
      ...filters.map((filter) => database.query({ filter, after: 0, before: 1e9, limit: 1e6, order: "desc" })),
      database.find([makeEvent(7).event_id]),
    ];
    for (let start = 0; start < all.length; start += 90) {
      const some = all.slice(start, start + 90);
      readOften.insert(some);
      readOnce.insert(some);
      answers(readOften);
    }
    const expected = answers(readOften);
    expect(expected.map((rows) => rows.length)).not.toContain(0);
    expect(answers(readOnce)).toEqual(expected);
    expect(written(readOnce)).toHaveLength(all.length);
    readOften.close();
    readOnce.close();
  });

  it("has nothing of an insert that failed, however much of it was written already", () => {
    const database = GrowingPartition.create(sql);
    database.insert(rows(1, 10));
    // From here on it is indexed, and an id that is there already is refused.
    expect(written(database)).toHaveLength(10);
    const large = "z".repeat(1000);
    expect(() => database.insert([...rows(11, 9000, large), row(9001, large, 5)])).toThrow(/UNIQUE/);
    expect(written(database)).toEqual(rows(1, 10).map(({ seq }) => seq));
    database.insert(rows(11, 3000, large));
    expect(written(database)).toHaveLength(3000);
    database.close();
  });
});

describe("a memory file", () => {
  it("reads what was written, over the ends of its pieces as well", () => {
    const size = 1024 * 1024;
    const model = new Uint8Array(size);
    const file = new MemoryFile(model.subarray(0, 100));
    let seed = 1;
    const random = (most: number) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed % most;
    };
    for (let round = 0; round < 500; round++) {
      const at = random(size);
      const bytes = new Uint8Array(Math.min(random(300_000), size - at)).fill(random(256));
      file.set(bytes, at);
      model.set(bytes, at);
    }
    for (let round = 0; round < 100; round++) {
      const start = random(size / 2);
      const end = start + random(size / 2);
      expect(Buffer.compare(file.subarray(start, end), model.subarray(start, end))).toBe(0);
    }
    const bytes = Buffer.concat(file.pieces());
    expect(Buffer.compare(bytes, model.subarray(0, bytes.length))).toBe(0);
  });
});
