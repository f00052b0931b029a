/** Holds sealed partitions to being plain, small, removable files that nobody notices while they come and go. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { removeOlderThan } from "../../support/removeOlderThan.ts";
import { makeEvent, makeEvents, readAll, seqs, settled, useStores } from "./storeFixture.ts";

const stores = useStores();
const sqlite = spawnSync("sqlite3", ["--version"]).status === 0;
const partitionsOf = (directory: string) =>
  readdirSync(join(directory, "partitions")).filter((name) => name.endsWith(".sqlite"));

describe("sealing", () => {
  it("keeps knowing every event, in however many partitions, also after a start", async () => {
    const directory = stores.newDirectory();
    // More than one block of filters, of a size that can be in one.
    const partition = { maxEvents: 11 };
    const store = await stores.start(directory, { partition });
    const events = makeEvents(1, 40 * 11);
    for (let from = 0; from < events.length; from += 11) await store.append(events.slice(from, from + 11));
    await settled(store);
    expect(partitionsOf(directory)).toHaveLength(40);
    const again = async (known: typeof store) =>
      (await known.append(events)).map((outcome) =>
        outcome.kind === "stored" ? [outcome.seq, outcome.duplicate] : [],
      );
    const expected = events.map((_, index) => [index + 1, true]);
    expect(await again(store)).toEqual(expected);
    await store.stop();
    expect(await again(await stores.start(directory, { partition }))).toEqual(expected);
  });

  it("moves full partitions to files of their own, and the journal segment goes", async () => {
    const directory = stores.newDirectory();
    const store = await stores.start(directory, { partition: { maxEvents: 10 } });
    for (const event of makeEvents(1, 25)) await store.append([event]);
    await settled(store);
    expect(partitionsOf(directory)).toEqual([
      "0000000000000001-0000000000000010.sqlite",
      "0000000000000011-0000000000000020.sqlite",
    ]);
    expect(readdirSync(join(directory, "journal"))).toEqual(["0000000000000021.journal"]);
    expect((await readAll(store)).map(({ seq }) => seq)).toEqual(makeEvents(1, 25).map((_, index) => index + 1));
    const { epoch } = store;
    await store.stop();

    const next = await stores.start(directory, { partition: { maxEvents: 10 } });
    expect([next.epoch, next.firstSeq, next.lastSeq]).toEqual([epoch, 1, 25]);
    expect((await readAll(next)).map(({ data }) => data["number"])).toEqual(
      makeEvents(1, 25).map((_, index) => index + 1),
    );
  });

  it("seals by size as well", async () => {
    const directory = stores.newDirectory();
    const store = await stores.start(directory, { partition: { maxBytes: 100_000 } });
    for (let number = 1; number <= 5; number++) {
      await store.append([makeEvent(number, { data: { text: "x".repeat(60_000) } })]);
    }
    await settled(store);
    expect(partitionsOf(directory)).toHaveLength(2);
  });

  it("reads from more partitions than it keeps open", async () => {
    const store = await stores.start(stores.newDirectory(), { partition: { maxEvents: 2 } });
    for (let number = 1; number <= 30; number++) await store.append([makeEvent(number)]);
    await settled(store);
    const answers = await Promise.all([readAll(store), readAll(store), store.append([makeEvent(3), makeEvent(31)])]);
    expect(answers[0]?.length).toBeGreaterThanOrEqual(30);
    expect(seqs(answers[2] ?? [])).toEqual([3, 31]);
  });

  it("keeps its files from other users", async () => {
    const directory = stores.newDirectory();
    const store = await stores.start(directory, { partition: { maxEvents: 1 } });
    await store.append([makeEvent(1)]);
    await settled(store);
    const entries = readdirSync(directory, { recursive: true, encoding: "utf8" });
    for (const entry of entries) {
      const stat = statSync(join(directory, entry));
      expect(stat.mode & 0o777, entry).toBe(stat.isDirectory() ? 0o700 : 0o600);
    }
    expect(entries.length).toBeGreaterThanOrEqual(6);
  });

  it.runIf(sqlite)("writes files that any SQLite opens", async () => {
    const directory = stores.newDirectory();
    const store = await stores.start(directory, { partition: { maxEvents: 100 } });
    await store.append(makeEvents(1, 100));
    await settled(store);
    const file = join(directory, "partitions/0000000000000001-0000000000000100.sqlite");
    const ask = (sql: string) => execFileSync("sqlite3", [file, sql], { encoding: "utf8" }).trim();
    expect(ask("PRAGMA integrity_check")).toBe("ok");
    expect(ask("PRAGMA user_version; PRAGMA journal_mode")).toBe("2\ndelete");
    expect(ask("SELECT count(*), min(seq), max(seq), count(DISTINCT event_id) FROM events")).toBe("100|1|100|100");
    const row = ask("SELECT type, ts, project, session, job, body FROM events WHERE seq = 42");
    const event = makeEvent(42);
    expect(row).toBe(`job.started|${Date.parse(event.timestamp)}|televibe|main|job-2|${JSON.stringify(event)}`);
    const plan = ask("EXPLAIN QUERY PLAN SELECT seq FROM events WHERE session IN ('a','b') AND seq > 5");
    expect(plan).toContain("events_session");
  });
});

describe("removeOlderThan", () => {
  const at = (number: number) => makeEvent(number).timestamp;

  it("drops whole partitions from the oldest on, a few a call, and says where events begin now", async () => {
    const directory = stores.newDirectory();
    const options = { partition: { maxEvents: 10 } };
    const store = await stores.start(directory, options);
    for (let number = 1; number <= 100; number += 10) await store.append(makeEvents(number, number + 9));
    await store.append(makeEvents(101, 105));
    await settled(store);

    // The event at the very time stays.
    expect(await removeOlderThan(store, at(20))).toBe(10);
    expect(store.firstSeq).toBe(11);
    expect(existsSync(join(directory, "partitions/0000000000000001-0000000000000010.bloom"))).toBe(false);
    expect(await removeOlderThan(store, at(101))).toBe(40);
    expect(await removeOlderThan(store, at(101))).toBe(40);
    expect(await removeOlderThan(store, at(101))).toBe(10);
    expect(await removeOlderThan(store, at(101))).toBe(0);
    expect([store.firstSeq, store.lastSeq]).toEqual([101, 105]);
    expect((await readAll(store)).map(({ seq }) => seq)).toEqual([101, 102, 103, 104, 105]);
    // Its first place is forgotten with it.
    expect(seqs(await store.append([makeEvent(5)]))).toEqual([106]);
    await store.stop();
    const next = await stores.start(directory, options);
    expect([next.firstSeq, next.lastSeq, next.gaps()]).toEqual([101, 106, []]);
  });

  it("removes the last events of a quiet bridge too, and never gives their numbers again", async () => {
    const directory = stores.newDirectory();
    let store = await stores.start(directory);
    await store.append(makeEvents(1, 5), { busCursor: "7-0" });
    expect(await removeOlderThan(store, at(6))).toBe(5);
    expect([store.firstSeq, store.lastSeq]).toEqual([6, 5]);
    expect(await readAll(store)).toEqual([]);
    expect(partitionsOf(directory)).toEqual([]);
    await store.stop();
    store = await stores.start(directory);
    expect([store.firstSeq, store.lastSeq, store.busCursor]).toEqual([6, 5, "7-0"]);
    expect(seqs(await store.append([makeEvent(6)]))).toEqual([6]);
  });

  it("is not held up for ever by an event that says it is from the future", async () => {
    const directory = stores.newDirectory();
    const store = await stores.start(directory, { nowMs: () => Date.parse("2026-11-02T00:00:00Z") });
    await store.append([makeEvent(1), makeEvent(2, { timestamp: "2999-01-01T00:00:00.000Z" })]);
    const nowMs = Date.parse("2026-11-02T00:00:00Z");
    expect(await removeOlderThan(store, "2026-11-01T23:00:00.000Z", nowMs)).toBe(0);
    expect(await removeOlderThan(store, "2026-11-03T00:00:00.000Z", nowMs)).toBe(2);
  });

  it("goes on after a crash between the announcement and the removal", async () => {
    const directory = stores.newDirectory();
    const store = await stores.start(directory, { partition: { maxEvents: 2 } });
    for (let number = 1; number <= 5; number++) await store.append([makeEvent(number)]);
    await settled(store);
    await store.stop();
    const { MetadataFile } = await import("../../../bridge/store/storeMetadata.ts");
    await (await MetadataFile.open(directory)).update(() => ({ first_seq: 3 }));
    const next = await stores.start(directory);
    expect([next.firstSeq, next.gaps()]).toEqual([3, []]);
    expect(partitionsOf(directory)).toEqual(["0000000000000003-0000000000000004.sqlite"]);
  });

  it("lets queries that are under way finish", async () => {
    const store = await stores.start(stores.newDirectory(), { partition: { maxEvents: 5 } });
    for (let number = 1; number <= 50; number += 5) await store.append(makeEvents(number, number + 4));
    await settled(store);
    const [events, removed] = await Promise.all([readAll(store), removeOlderThan(store, at(20))]);
    expect(removed).toBe(15);
    const numbers = events.map(({ seq }) => seq);
    expect(numbers.slice(-30)).toEqual(makeEvents(21, 50).map(({ data }) => data["number"]));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });
});
