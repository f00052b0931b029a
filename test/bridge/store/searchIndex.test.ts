/** Holds the index of words that is made here, many texts at once, to what FTS4 makes of the same texts one by one. */
import fc from "fast-check";
import initSqlJs, { type Database, type SqlJsStatic } from "sql.js";
import { beforeAll, describe, expect, it } from "vitest";
import { GrowingPartition, type InsertedEvent } from "../../../bridge/store/worker/growingPartition.ts";
import { PartitionDatabase } from "../../../bridge/store/worker/partitionDatabase.ts";
import { PARTITION_TABLES } from "../../../bridge/store/worker/partitionSchema.ts";
import { makeEvent } from "./storeFixture.ts";

let sql: SqlJsStatic;
beforeAll(async () => {
  sql = await initSqlJs();
});

const row = (seq: number, summary: string, id = seq): InsertedEvent => {
  const event = makeEvent(id, { data: { summary } });
  return { seq, event, body: Buffer.from(JSON.stringify(event)) };
};
const found = (database: PartitionDatabase, search: string) =>
  database
    .query({ filter: { search }, after: 0, before: Number.MAX_SAFE_INTEGER, limit: 1e6, order: "asc" })
    .map(([seq]) => seq);

/** Every word with its rows and places, and what FTS4 counts. */
const TERMS = "CREATE VIRTUAL TABLE temp.terms USING fts4aux(main, search)";
const READ_TERMS = "SELECT term, documents, occurrences FROM temp.terms WHERE col = 0 ORDER BY term";
const READ_TOTALS = "SELECT hex(value) FROM search_stat";

function byFts4(rows: readonly (readonly [number, string])[]): Database {
  const database = new sql.Database();
  database.exec(PARTITION_TABLES);
  for (const [seq, text] of rows) {
    if (text !== "") database.run("INSERT INTO search (docid, words) VALUES (?,?)", [seq, text]);
  }
  database.exec(TERMS);
  return database;
}

/** Reopened, as it would be read from its file. */
function reopened(growing: GrowingPartition): PartitionDatabase {
  const database = PartitionDatabase.open(sql, Buffer.concat(growing.bytes()));
  growing.close();
  expect(database.isSound()).toBe(true);
  return database;
}

const letter = fc.constantFrom("a", "b", "B", "é", "7", "_", "-", "\n", "\u0000", "ß", "字");
const word = fc.string({ unit: letter, maxLength: 3 });
const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(" "));

describe("the index of words", () => {
  it("is what FTS4 makes of the same texts, whatever is in them and whenever it is searched", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.boolean()), { maxLength: 40 }), fc.constantFrom(1, 600), (some, step) => {
        // Few at a time, or so many that they are a segment of their own.
        const texts = Array.from({ length: step === 1 ? 1 : 50 }, () => some).flat();
        const rows = texts.map(([summary], index) => [index * index + 1, summary] as const);
        const growing = GrowingPartition.create(sql);
        for (let start = 0; start < rows.length; start += step) {
          growing.insert(rows.slice(start, start + step).map(([seq, summary]) => row(seq, summary)));
          if (texts[start]?.[1]) found(growing, "a");
        }
        const ours = reopened(growing);
        const theirs = byFts4(rows);
        ours.select(TERMS, [], () => undefined);
        expect(ours.select(READ_TERMS, [], (values) => values)).toEqual(theirs.exec(READ_TERMS)[0]?.values ?? []);
        expect(ours.select(READ_TOTALS, [], (values) => values)).toEqual(theirs.exec(READ_TOTALS)[0]?.values ?? []);
        for (const search of ["a", "b", "bb", '"a b"', '"b a b"', "b*", "é", "7 a", "字*"]) {
          const match = search.replace(/^([^"*]+)\*$/, '"$1*"');
          const rows = theirs.exec("SELECT docid FROM search WHERE words MATCH ? ORDER BY docid", [match]);
          expect(found(ours, search)).toEqual((rows[0]?.values ?? []).map(([docid]) => docid));
        }
        ours.close();
        theirs.close();
      }),
      { numRuns: 60 },
    );
  });

  it("finds each of many words, wherever it lies in the tree, in rows with the highest numbers too", () => {
    const first = Number.MAX_SAFE_INTEGER - 10_000;
    const name = (index: number) => `w${(index * 7919).toString(36)}`;
    const growing = GrowingPartition.create(sql);
    growing.insert(Array.from({ length: 5000 }, (_, index) => row(first + index, `${name(index)} everywhere`, index)));
    const database = reopened(growing);
    const rows = (search: string) =>
      database.select("SELECT docid FROM search WHERE words MATCH ?", [search], ([docid]) => Number(docid));
    for (let index = 0; index < 5000; index += 13) expect(rows(`"${name(index)}"`)).toEqual([first + index]);
    expect(rows("everywhere")).toHaveLength(5000);
    expect(rows("nowhere")).toEqual([]);
    const [blocks] = database.select("SELECT count(*) FROM search_segments", [], ([count]) => Number(count));
    expect(blocks).toBeGreaterThan(20);
    database.close();
  });

  it("takes few texts, and letters beyond ASCII, in rows with high numbers too", () => {
    for (const first of [2 ** 31 - 1, 2 ** 32 - 1, Number.MAX_SAFE_INTEGER - 2]) {
      const growing = GrowingPartition.create(sql);
      growing.insert([row(first, "few words", 1), row(first + 1, "wenige Wörter", 2)]);
      expect(found(growing, "few")).toEqual([first]);
      expect(found(growing, "wörter")).toEqual([first + 1]);
      expect(found(reopened(growing), "w*")).toEqual([first, first + 1]);
    }
  });

  it("has at once what was put in, and stays small in parts however often it is searched", () => {
    const growing = GrowingPartition.create(sql);
    const parts = () => growing.select("SELECT count(*) FROM search_segdir", [], ([count]) => Number(count))[0];
    let last = 0;
    for (let round = 1; round <= 100; round++) {
      const first = last + 1;
      last += round % 20 === 0 ? 700 : 1;
      growing.insert(
        Array.from({ length: last - first + 1 }, (_, index) => row(first + index, `No ${first + index} of all`)),
      );
      expect(found(growing, `"no ${last} of"`)).toEqual([last]);
      expect(found(growing, "all")).toHaveLength(last);
      expect(parts()).toBeLessThan(32);
    }
    expect(found(reopened(growing), "all")).toHaveLength(last);
  });

  it("does not wait in memory for a search that never comes", () => {
    const growing = GrowingPartition.create(sql);
    const long = "long ".repeat(3000);
    for (let seq = 1; seq <= 100; seq++) growing.insert([row(seq, long)]);
    expect(growing.select("SELECT docid FROM search WHERE words MATCH 'long'", [], (row) => row)).not.toEqual([]);
    const [parts] = growing.select("SELECT count(*) FROM search_segdir", [], ([count]) => Number(count));
    expect(parts).toBe(1);
    expect(found(growing, "long")).toHaveLength(100);
    growing.close();
  });

  it("has a row once that is put in again, before a search and behind one", () => {
    const growing = GrowingPartition.create(sql);
    growing.insert([row(1, "one and one"), row(2, "two")]);
    growing.insert([row(1, "one and one"), row(2, "two"), row(3, "three")]);
    expect(found(growing, "one")).toEqual([1]);
    growing.insert([row(1, "one and one"), row(4, "one more")]);
    expect(found(growing, "one")).toEqual([1, 4]);
    const theirs = byFts4([
      [1, "one and one"],
      [2, "two"],
      [3, "three"],
      [4, "one more"],
    ]);
    const ours = reopened(growing);
    expect(ours.select(READ_TOTALS, [], (values) => values)).toEqual(theirs.exec(READ_TOTALS)[0]?.values);
    ours.close();
    theirs.close();
  });

  it("has no word of an insert that failed", () => {
    const growing = GrowingPartition.create(sql);
    growing.insert([row(1, "first")]);
    expect(found(growing, "first")).toEqual([1]);
    expect(() => growing.insert([row(2, "second"), row(3, "third", 1)])).toThrow(/UNIQUE/);
    growing.insert([row(3, "later")]);
    expect(found(growing, "second")).toEqual([]);
    expect(found(growing, "later")).toEqual([3]);
    expect(found(reopened(growing), "first")).toEqual([1]);
  });
});
