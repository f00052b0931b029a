/**
 * Holds sql.js to reading a partition through `PagedFile`, page by page: its next version may do it another way, and would
 * then read the whole file, or nothing.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import initSqlJs, { type SqlJsStatic } from "sql.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GrowingPartition } from "../../../bridge/store/worker/growingPartition.ts";
import { PAGE_BYTES, PagedFile, pageChecksums } from "../../../bridge/store/worker/pagedFile.ts";
import { PartitionDatabase } from "../../../bridge/store/worker/partitionDatabase.ts";
import { makeEvents } from "./storeFixture.ts";

const EVENTS = 3000;
const home = mkdtempSync(join(tmpdir(), "televibe-paged-"));
const path = join(home, "a.sqlite");
let sql: SqlJsStatic;
let bytes: Uint8Array;

beforeAll(async () => {
  sql = await initSqlJs();
  const database = GrowingPartition.create(sql);
  database.insert(
    makeEvents(1, EVENTS).map((event, index) => ({ seq: index + 1, event, body: Buffer.from(JSON.stringify(event)) })),
  );
  bytes = Buffer.concat(database.bytes());
  database.close();
  writeFileSync(path, bytes);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const open = (file: string) => PartitionDatabase.open(sql, new PagedFile(file, pageChecksums([bytes])));
const page = (after: number, limit: number) =>
  ({ filter: {}, after, before: EVENTS + 1, limit, order: "asc" }) as const;

/** A copy with one bit of a page changed. */
function flipped(number: number): string {
  const copy = new Uint8Array(bytes);
  const at = number * PAGE_BYTES + 100;
  copy[at] = (copy[at] ?? 0) ^ 4;
  const file = join(home, `flipped-${number}.sqlite`);
  writeFileSync(file, copy);
  return file;
}

describe("a partition that is read from its file", () => {
  it("answers what it answers in memory", () => {
    const whole = PartitionDatabase.open(sql, readFileSync(path));
    const paged = open(path);
    expect(paged.query(page(0, EVENTS))).toEqual(whole.query(page(0, EVENTS)));
    expect(paged.query(page(0, EVENTS))).toHaveLength(EVENTS);
    expect(paged.isSound()).toBe(true);
    whole.close();
    paged.close();
  });

  it("reads only what an answer needs", () => {
    const pages = Math.ceil(bytes.length / PAGE_BYTES);
    let unread = 0;
    for (let number = 1; number < pages; number += 7) {
      const database = open(flipped(number));
      let answer: unknown[] | undefined;
      try {
        answer = database.query(page(EVENTS / 2, 10));
      } catch {
        answer = undefined;
      }
      expect(database.isDamaged).toBe(answer === undefined);
      if (answer?.length === 10) unread++;
      database.close();
    }
    expect(unread).toBeGreaterThan(Math.floor((pages - 1) / 7) - 5);
  });

  it("shows nothing of a page that is not what was written, and goes on with others", () => {
    const database = open(flipped(0));
    expect(() => database.query(page(0, 1))).toThrow();
    expect(database.isDamaged).toBe(true);
    database.close();
    const other = open(path);
    expect(other.query(page(0, 1))).toHaveLength(1);
    expect(other.isDamaged).toBe(false);
    other.close();
  });

  it("notices an end that is missing, and any bit when all of it is read", () => {
    const cut = join(home, "cut.sqlite");
    writeFileSync(cut, bytes.subarray(0, bytes.length - PAGE_BYTES));
    using short = new PagedFile(cut, pageChecksums([bytes]));
    expect([short.isDamaged, short.isIntact()]).toEqual([true, false]);
    using whole = new PagedFile(path, pageChecksums([bytes]));
    expect(whole.isIntact()).toBe(true);
    using other = new PagedFile(flipped(Math.ceil(bytes.length / PAGE_BYTES) - 1), pageChecksums([bytes]));
    expect(other.isIntact()).toBe(false);
  });
});
