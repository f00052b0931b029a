/** Proves the judges: each validator of the durability proofs catches a violation that was planted for it, and is quiet without. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import type { Acknowledgement } from "../../bench/durability/acknowledgement.ts";
import { readDisk } from "../../bench/durability/diskReader.ts";
import { verifyDisk } from "../../bench/durability/diskVerifier.ts";
import {
  bookmarkable,
  durable,
  type HistoryValidator,
  ordered,
  reliable,
  resumable,
  unique,
  validateHistory,
} from "../../bench/durability/historyValidators.ts";
import type { HistoryEntry } from "../../bench/durability/streamHistory.ts";
import { makeEvent, settled, useStores } from "./storeFixture.ts";

const stores = useStores();
const truth = [1, 2, 3, 4, 5, 6, 7, 8].map((seq) => ({ seq, eventId: `e${seq}` }));
const event = (seq: number, eventId = `e${seq}`): HistoryEntry => ({ kind: "event", seq, eventId });
const connected = (after: number): HistoryEntry => ({ kind: "connected", after });
const bookmark = (seq: number): HistoryEntry => ({ kind: "bookmark", seq });
const retention = (from: number, to: number): HistoryEntry => ({ kind: "gap", from, to, reason: "retention" });
const whole = [
  connected(0),
  retention(1, 1),
  event(2),
  event(3),
  bookmark(3),
  event(4),
  connected(4),
  event(5),
  bookmark(5),
  connected(5),
  event(6),
  event(7),
];

describe("a reader's history", () => {
  it("is good when it tells everything once, in order, or says why not", () => {
    expect(validateHistory({ reader: "r", entries: whole }, truth)).toEqual([]);
  });

  const planted: { name: string; validator: HistoryValidator; entries: HistoryEntry[]; message: RegExp }[] = [
    {
      name: "an event after a later one",
      validator: ordered,
      entries: [connected(0), event(2), event(1)],
      message: /1 after 2/,
    },
    {
      name: "an event again after a reconnect",
      validator: unique,
      entries: [connected(0), event(1), connected(0), event(1)],
      message: /1 \(e1\) again/,
    },
    {
      name: "one event under two numbers",
      validator: unique,
      entries: [connected(0), event(1), event(2, "e1")],
      message: /2 \(e1\) again/,
    },
    {
      name: "an event that never got on disk",
      validator: durable,
      entries: [connected(8), event(9)],
      message: /9 \(e9\), which is not on disk/,
    },
    {
      name: "another event than the disk has",
      validator: durable,
      entries: [connected(0), event(1, "e2")],
      message: /1 \(e2\)/,
    },
    {
      name: "a silent hole",
      validator: reliable,
      entries: [connected(0), event(1), event(3)],
      message: /never got 2/,
    },
    {
      name: "a hole in front of a bookmark",
      validator: reliable,
      entries: [connected(0), event(1), bookmark(3)],
      message: /never got 2/,
    },
    {
      name: "a connection that skips",
      validator: resumable,
      entries: [connected(0), event(1), connected(1), event(3)],
      message: /behind 1 skips 2/,
    },
    {
      name: "a connection that goes back",
      validator: resumable,
      entries: [connected(2), event(2)],
      message: /behind 2 begins with 2/,
    },
    {
      name: "an event behind its bookmark",
      validator: bookmarkable,
      entries: [connected(0), bookmark(1), event(1)],
      message: /1 behind the bookmark 1/,
    },
    {
      name: "a bookmark that promises too much",
      validator: bookmarkable,
      entries: [connected(0), event(1), bookmark(2), event(2)],
      message: /no 2 at the bookmark 2/,
    },
  ];
  it.each(planted)("is caught with $name", ({ validator, entries, message }) => {
    const messages = validator({ reader: "r", entries }, truth).map((violation) => violation.message);
    expect(messages).toContainEqual(expect.stringMatching(message));
    const all = validateHistory({ reader: "r", entries }, truth).map((violation) => violation.message);
    expect(all).toEqual(expect.arrayContaining(messages));
  });
});

describe("a dead bridge's files", () => {
  const NOTHING_TO_REMOVE = "2000-01-01T00:00:00.000Z";

  let original: string;
  beforeAll(async () => {
    original = stores.newDirectory();
    const store = stores.create(original, { partition: { maxEvents: 4 } });
    await store.start();
    for (let number = 1; number <= 11; number++) await store.append([makeEvent(number)]);
    await settled(store);
    await store.stop();
  });

  /** Eleven events, eight of them sealed; every one acknowledged. */
  function deadStore(): { directory: string; acknowledged: Acknowledgement[] } {
    const directory = stores.newDirectory();
    cpSync(original, directory, { recursive: true });
    const acknowledged = Array.from({ length: 11 }, (_, index) => index + 1).map((number) => ({
      seq: number,
      count: number,
      publisher: "p",
      event: { ...makeEvent(number) },
    }));
    return { directory, acknowledged };
  }
  const rules = (directory: string, acknowledged: readonly Acknowledgement[], removable = NOTHING_TO_REMOVE) => [
    ...new Set(verifyDisk(readDisk(directory), acknowledged, removable).map(({ rule }) => rule)),
  ];
  const PARTITION = "partitions/0000000000000001-0000000000000004.sqlite";
  const SEGMENT = "journal/0000000000000009.journal";
  const sql = (directory: string, statement: string) =>
    execFileSync("sqlite3", [join(directory, PARTITION), statement]);
  const record = (seq: number, published: object) => {
    const json = JSON.stringify({ seq, event: published });
    return `${crc32(json).toString(16).padStart(8, "0")} ${json}\n`;
  };

  it("are good as the store leaves them", () => {
    const { directory, acknowledged } = deadStore();
    expect(rules(directory, acknowledged)).toEqual([]);
    expect(readDisk(directory).events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it.each<{ name: string; rule: string; plant: (directory: string, acknowledged: Acknowledgement[]) => void }>([
    {
      name: "an acknowledged event is missing from a partition",
      rule: "lost",
      plant: (directory) => sql(directory, "DELETE FROM events WHERE seq = 3"),
    },
    {
      name: "an acknowledged event never got there",
      rule: "lost",
      plant: (_, acknowledged) =>
        acknowledged.push({ seq: 12, count: 12, publisher: "p", event: { ...makeEvent(12) } }),
    },
    {
      name: "a number is missing that nobody was told",
      rule: "unbroken",
      plant: (directory, acknowledged) => {
        sql(directory, "DELETE FROM events WHERE seq = 2");
        acknowledged.splice(1, 1);
      },
    },
    {
      name: "an event's content has changed",
      rule: "changed",
      plant: (directory) =>
        sql(directory, `UPDATE events SET body = replace(body, 'line one', 'line 1') WHERE seq = 4`),
    },
    {
      name: "an event is there under two numbers",
      rule: "doubled",
      plant: (directory) => writeFileSync(join(directory, SEGMENT), record(12, makeEvent(2)), { flag: "a" }),
    },
    {
      name: "a number stands for two events",
      rule: "doubled",
      plant: (directory) => writeFileSync(join(directory, SEGMENT), record(4, makeEvent(99)), { flag: "a" }),
    },
    {
      name: "a producer's events changed places",
      rule: "order",
      plant: (_, acknowledged) => {
        const [first, second] = acknowledged;
        if (first === undefined || second === undefined) throw new Error("nothing to swap");
        acknowledged.splice(0, 2, { ...first, seq: 2 }, { ...second, seq: 1 });
      },
    },
    {
      name: "a whole line is not what was written",
      rule: "intact",
      plant: (directory) =>
        writeFileSync(join(directory, SEGMENT), record(12, makeEvent(12)).replace("line", "lime"), { flag: "a" }),
    },
    {
      name: "a file was set aside",
      rule: "intact",
      plant: (directory) => {
        mkdirSync(join(directory, "partitions/0000000000000005-0000000000000008.sqlite.damaged"));
      },
    },
    {
      name: "events are reported as lost",
      rule: "intact",
      plant: (directory) => writeFileSync(join(directory, "meta.json"), '{"first_seq":1,"gaps":[{"from":2,"to":3}]}'),
    },
    {
      name: "events were removed before their time",
      rule: "lost",
      plant: (directory) => writeFileSync(join(directory, "meta.json"), '{"first_seq":5,"gaps":[]}'),
    },
  ])("are caught when $name", ({ rule, plant }) => {
    const { directory, acknowledged } = deadStore();
    plant(directory, acknowledged);
    expect(rules(directory, acknowledged)).toContain(rule);
  });

  it("may lack what was removed in its time", () => {
    const { directory, acknowledged } = deadStore();
    writeFileSync(join(directory, "meta.json"), '{"first_seq":5,"gaps":[]}');
    expect(rules(directory, acknowledged, makeEvent(5).timestamp)).toEqual([]);
  });
});
