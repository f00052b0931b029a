/** Holds an export and its import to giving the same store, and anything less than a whole export to giving none. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import type { LocalStore } from "../../../bridge/store/localStore.ts";
import { ageRules } from "../../../bridge/store/retentionPolicy.ts";
import { exportStore } from "../../../bridge/store/storeExport.ts";
import { importStore } from "../../../bridge/store/storeImport.ts";
import { MetadataFile, withGaps } from "../../../bridge/store/storeMetadata.ts";
import { reduce } from "../../../shared/state/reduce.ts";
import { EMPTY_STATE } from "../../../shared/state/state.ts";
import { toWire } from "../../../shared/state/wire.ts";
import { removeOlderThan } from "../../support/removeOlderThan.ts";
import { makeEvent, makeEvents, quietLog, readAll, settled, useStores } from "./storeFixture.ts";

const stores = useStores();
setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");
const never = new AbortController().signal;
/** What goes along with the events, in the form of whoever keeps it. */
const STATE = { format: 7, seq: 0, collections: { jobs: [{ job_id: "gone" }, { job_id: "there" }], notices: [] } };
const NOW = Date.UTC(2026, 10, 20);

async function exported(store: LocalStore): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of exportStore(store, STATE, never)) pieces.push(piece);
  return pieces.join("");
}

async function* inChunks(text: string, bytes = 1000) {
  const buffer = Buffer.from(text);
  for (let start = 0; start < buffer.length; start += bytes) yield buffer.subarray(start, start + bytes);
}

/** In a folder of its own, so that whatever is left beside the store is seen. */
function newTarget(): string {
  const home = stores.newDirectory();
  mkdirSync(home);
  return join(home, "store");
}

function importText(text: string, directory: string, limits?: { maxEvents: number; maxBytes: number }) {
  return importStore(inChunks(text), {
    directory,
    ...stores.files,
    log: quietLog,
    nowMs: () => NOW,
    ...(limits === undefined ? {} : { limits }),
  });
}

/** With thinned, removed and lost events, a sealed part, a growing one, and a place on the bus. */
async function scarredStore(): Promise<LocalStore> {
  const directory = stores.newDirectory();
  const open = { partition: { maxEvents: 10 }, nowMs: () => NOW };
  const first = await stores.start(directory, open);
  for (let number = 1; number <= 60; number += 10) {
    await first.append(
      Array.from({ length: 10 }, (_, index) =>
        makeEvent(number + index, {
          session_id: index % 3 === 0 ? "pinned" : null,
          project_id: index % 2 ? "a" : "ü/b",
        }),
      ),
    );
  }
  await settled(first);
  const pinned = ["a", "ü/b"].map((project_id) => ({ project_id, session_id: "pinned" }));
  const rules = ageRules({ days: 1, max_bytes: null, projects: {}, pinned }, NOW);
  for (const at of [11, 31])
    await first.upkeep.reducePartition(at, { rules, nowMs: NOW, leastShare: 0, signal: never });
  const all = { ...rules, pinned: [] };
  for (const at of [1, 41])
    await first.upkeep.reducePartition(at, { rules: all, nowMs: NOW, leastShare: 0, signal: never });
  await first.stop();
  await (await MetadataFile.open(directory)).update(withGaps([{ from: 61, to: 63 }]));
  const store = await stores.start(directory, open);
  await store.append(makeEvents(64, 70), { busCursor: "17-3" });
  await store.append([
    makeEvent(71, { data: { "2": "b", "1": "a", __proto__: null, nested: { z: [1.5, null, "\u2028\u0000"] } } }),
  ]);
  return store;
}

describe("an export", () => {
  it("imported gives the same store, and exported again the same bytes", async () => {
    const store = await scarredStore();
    const text = await exported(store);
    expect(store.thinned().length).toBeGreaterThan(1);
    expect(store.gaps()).toEqual([{ from: 61, to: 63 }]);
    const directory = newTarget();
    const imported = await importText(text, directory, { maxEvents: 7, maxBytes: 1e6 });
    const all = await readAll(store);
    expect(imported).toEqual({
      ...{ epoch: store.epoch, events: all.length, lastSeq: store.lastSeq },
      state: { ...STATE, collections: { jobs: STATE.collections.jobs } },
    });
    const copy = await stores.start(directory);
    expect(await exported(copy)).toBe(text);
    expect([copy.epoch, copy.firstSeq, copy.lastSeq, copy.busCursor]).toEqual([
      store.epoch,
      store.firstSeq,
      store.lastSeq,
      "17-3",
    ]);
    expect([copy.gaps(), copy.thinned(), copy.warnings()]).toEqual([store.gaps(), store.thinned(), []]);
    const copied = await readAll(copy);
    expect(copied).toEqual(all);
    expect(toWire(reduce(EMPTY_STATE, copied).state)).toEqual(toWire(reduce(EMPTY_STATE, all).state));
    for (const filter of [{ project_id: ["ü/b"] }, { session_id: ["pinned"] }, { type: ["job.*"] }]) {
      for (const order of ["asc", "desc"] as const) {
        const query = { filter, order, limit: 5, after: 15, before: 60 };
        expect(await copy.query(query)).toEqual(await store.query(query));
      }
    }
    // It knows its events, and goes on where the other one stood.
    expect(await copy.append([makeEvent(70), makeEvent(500)])).toEqual([
      expect.objectContaining({ duplicate: true }),
      { kind: "stored", seq: store.lastSeq + 1, duplicate: false },
    ]);
  });

  it("of an empty store, and of one whose events are all gone, is one as well", async () => {
    const empty = await stores.start(stores.newDirectory());
    const gone = await stores.start(stores.newDirectory());
    await gone.append(makeEvents(1, 5));
    await removeOlderThan(gone, makeEvent(9).timestamp);
    for (const store of [empty, gone]) {
      const text = await exported(store);
      const directory = newTarget();
      await importText(text, directory);
      const copy = await stores.start(directory);
      expect(await exported(copy)).toBe(text);
      expect((await copy.append([makeEvent(77)]))[0]).toMatchObject({ seq: store.lastSeq + 1 });
    }
  });

  it("is what there was when it began, while events keep coming", async () => {
    const store = await stores.start(stores.newDirectory(), { partition: { maxEvents: 100 } });
    await store.append(makeEvents(1, 1000));
    const pieces: string[] = [];
    for await (const piece of exportStore(store, STATE, never)) {
      pieces.push(piece);
      await store.append(makeEvents(1001 + pieces.length * 50, 1050 + pieces.length * 50));
    }
    const lines = pieces.join("").trimEnd().split("\n");
    expect(lines).toHaveLength(1004);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ first_seq: 1, last_seq: 1000 });
    await importText(pieces.join(""), newTarget());
  });

  it("holds 100,000 events in bounded memory, both ways", async () => {
    const store = await stores.start(stores.newDirectory());
    for (let number = 1; number <= 100_000; number += 2000) await store.append(makeEvents(number, number + 1999));
    await settled(store);
    const directory = newTarget();
    const heap: number[] = [];
    let pieces = 0;
    const watched = async function* () {
      for await (const piece of exportStore(store, STATE, never)) {
        if (pieces++ % 25 === 0) {
          collectGarbage();
          heap.push(process.memoryUsage().heapUsed);
        }
        yield Buffer.from(piece);
      }
    };
    const imported = await importStore(watched(), { directory, ...stores.files, log: quietLog, nowMs: () => NOW });
    expect(imported.events).toBe(100_000);
    // All of it takes 40 MB as text alone.
    expect(heap.length).toBeGreaterThan(15);
    expect(Math.max(...heap) - Math.min(...heap)).toBeLessThan(15_000_000);
    const copy = await stores.start(directory);
    const digest = async (each: LocalStore) => {
      const hash = createHash("sha256");
      for await (const piece of exportStore(each, STATE, never)) hash.update(piece);
      return hash.digest("hex");
    };
    expect(await digest(copy)).toBe(await digest(store));
  });

  it("stops where events are missing and nobody knows why", async () => {
    const store = await stores.start(stores.newDirectory());
    await store.append(makeEvents(1, 10));
    const lying = {
      ...{ epoch: store.epoch, firstSeq: 1, lastSeq: 12, busCursor: undefined },
      query: store.query.bind(store),
      gaps: () => [],
      thinned: () => [],
    };
    const pieces: string[] = [];
    const reading = (async () => {
      for await (const piece of exportStore(lying, STATE, never)) pieces.push(piece);
    })();
    await expect(reading).rejects.toMatchObject({ code: "export_interrupted", message: /11 to 12/ });
  });
});

describe("an import refuses", () => {
  const good = (async () => {
    const store = await stores.start(stores.newDirectory());
    await store.append(makeEvents(1, 5));
    return exported(store);
  }) satisfies () => Promise<string>;

  /** The export with one of its lines changed, and an end that fits it again. */
  function resealed(text: string, change: (lines: string[]) => void): string {
    const lines = text.trimEnd().split("\n").slice(0, -1);
    change(lines);
    const body = lines.map((line) => `${line}\n`).join("");
    const sha256 = createHash("sha256").update(body).digest("hex");
    return `${body}${JSON.stringify({ televibe_export_end: true, events: lines.length - 3, sha256 })}\n`;
  }

  function inLine(index: number, change: (line: string) => string) {
    return (lines: string[]) => void lines.splice(index, 1, change(lines[index] ?? ""));
  }

  it("every export that was cut off, wherever, and leaves nothing behind", async () => {
    const text = await good();
    const directory = newTarget();
    const cuts = Array.from({ length: 40 }, (_, index) => Math.floor((text.length / 40) * index));
    for (const cut of [...cuts, text.length - 1]) {
      await expect(importText(text.slice(0, cut), directory)).rejects.toMatchObject({ code: "export_invalid" });
      expect(readdirSync(dirname(directory))).toEqual([]);
    }
  });

  it.each([
    { what: "one of which a letter was altered", change: (text: string) => text.replace("line one", "line two") },
    { what: "one of which a line is missing", change: (text: string) => text.split("\n").toSpliced(4, 1).join("\n") },
    { what: "one with a line too many", change: (text: string) => `${text}{}\n` },
    {
      what: "one of which two lines changed places",
      change: (text: string) => resealed(text, (l) => l.splice(4, 0, ...l.splice(5, 1))),
    },
    { what: "one that ends before its last event", change: (text: string) => resealed(text, (l) => void l.pop()) },
    {
      what: "one with an event that is none",
      change: (text: string) =>
        resealed(
          text,
          inLine(4, () => '{"seq":2}'),
        ),
    },
    {
      what: "one with an unknown kind of event",
      change: (text: string) =>
        resealed(
          text,
          inLine(4, (line) => line.replace("job.started", "stream.gap")),
        ),
    },
    {
      what: "one of a newer version",
      change: (text: string) =>
        resealed(
          text,
          inLine(0, (line) => line.replace('export":1', 'export":2')),
        ),
      says: /newer Televibe/,
    },
    { what: "something else", change: () => "hello\n" },
    { what: "nothing", change: () => "" },
  ])("$what", async ({ change, says }) => {
    const directory = newTarget();
    const text = change(await good());
    const refused = expect(importText(text, directory)).rejects;
    await refused.toMatchObject({ code: "export_invalid", message: says ?? /Nothing was imported/ });
    expect(readdirSync(dirname(directory))).toEqual([]);
  });

  it("to write over a store with events, and takes the place of one without", async () => {
    const text = await good();
    const directory = newTarget();
    const store = await stores.start(directory);
    await store.stop();
    await importText(text, directory);
    await expect(importText(text, directory)).rejects.toMatchObject({ code: "store_not_empty" });
    const copy = await stores.start(directory);
    expect((await readAll(copy)).length).toBe(5);
    expect(readdirSync(dirname(directory))).toEqual(["store"]);
  });

  it("to go on from what an import left that was killed, and begins anew", async () => {
    const directory = newTarget();
    mkdirSync(`${directory}.importing/partitions`, { recursive: true });
    writeFileSync(`${directory}.importing/partitions/0000000000000001-0000000000000009.sqlite`, "half");
    await importText(await good(), directory);
    expect(existsSync(`${directory}.importing`)).toBe(false);
    expect((await readAll(await stores.start(directory))).length).toBe(5);
    rmSync(directory, { recursive: true, force: true });
  });
});
