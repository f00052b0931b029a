/** Holds checking to finding every damage and changing nothing, and making smaller to changing no answer. */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LocalStore } from "../../../bridge/store/localStore.ts";
import { ageRules, keepAllRules, planMerges } from "../../../bridge/store/retentionPolicy.ts";
import type { StoreProgress } from "../../../shared/protocol/store.ts";
import { makeEvent, makeEvents, readAll, settled, useStores } from "./storeFixture.ts";

const stores = useStores();
const never = new AbortController().signal;
const NOW = Date.UTC(2026, 10, 20);
const sqlite = spawnSync("sqlite3", ["--version"]).status === 0;

async function filled(options: { maxEvents?: number; events?: number; directory?: string } = {}) {
  const { maxEvents = 10, events = 45, directory = stores.newDirectory() } = options;
  const store = await stores.start(directory, { partition: { maxEvents }, nowMs: () => NOW });
  for (let number = 1; number <= events; number += maxEvents) {
    await store.append(makeEvents(number, Math.min(events, number + maxEvents - 1)));
  }
  await settled(store);
  return { store, directory, files: () => readdirSync(join(directory, "partitions")).sort() };
}

async function verified(store: LocalStore) {
  const problems: string[] = [];
  for await (const line of store.upkeep.verify(never)) {
    if (line.kind === "problem") problems.push(`${line.what}: ${line.message}`);
    if (line.kind === "verified") return { problems, result: line };
  }
  throw new Error("It said no result");
}

async function compacted(store: LocalStore, rules = keepAllRules()) {
  const progress: StoreProgress[] = [];
  for await (const line of store.upkeep.compact({ rules, nowMs: NOW, signal: never })) {
    if (line.kind === "compacted") return line;
    progress.push(line);
  }
  throw new Error("It said no result");
}

describe("verify", () => {
  it("finds nothing wrong with a whole store, thinned or not, while events come", async () => {
    const { store } = await filled();
    const rules = ageRules({ days: 1, max_bytes: null, projects: {}, pinned: [] }, NOW);
    const thin = { ...rules, pinned: [], projects: new Map([["televibe", 0]]) };
    await store.append([makeEvent(46)]);
    expect(await verified(store)).toEqual({
      problems: [],
      result: { kind: "verified", partitions: 5, events: 46, problems: 0 },
    });
    await store.upkeep.reducePartition(11, {
      rules: { ...thin, projects: new Map() },
      nowMs: NOW,
      leastShare: 0,
      signal: never,
    });
    const [{ problems }] = await Promise.all([verified(store), store.append(makeEvents(47, 80))]);
    expect(problems).toEqual([]);
  });

  it("names every part that is damaged, and leaves it as it is", async () => {
    const { store, directory, files } = await filled();
    const path = (first: number, kind: string) => {
      const name = files().find((each) => Number(each.slice(0, 16)) === first && each.endsWith(kind));
      return join(directory, "partitions", name ?? "");
    };
    const flip = (file: string, at: number) => {
      const bytes = readFileSync(file);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(file, bytes);
    };
    flip(path(1, ".sqlite"), 5000);
    flip(path(11, ".bloom"), 60);
    rmSync(path(21, ".bloom"));
    const before = files().map((name) => readFileSync(join(directory, "partitions", name)).toString("base64"));
    const { problems, result } = await verified(store);
    expect(problems).toEqual([
      expect.stringMatching(/partition from 1 to 10: its file is not what was written/),
      expect.stringMatching(/partition from 11 to 20: its sidecar/),
      expect.stringMatching(/partition from 21 to 30: its sidecar is missing/),
    ]);
    expect(result.problems).toBe(3);
    expect(files().map((name) => readFileSync(join(directory, "partitions", name)).toString("base64"))).toEqual(before);
    expect(store.gaps()).toEqual([]);
  });

  it.runIf(sqlite)("finds rows that somebody changed, also where all checksums of the file fit", async () => {
    const { store, directory, files } = await filled();
    await store.stop();
    const file = join(directory, "partitions", files().find((name) => name.endsWith(".sqlite")) ?? "");
    const change = [
      "UPDATE events SET project = 'other' WHERE seq = 2",
      "UPDATE events SET body = replace(body, 'line one', 'line two') WHERE seq = 3",
      "DELETE FROM events WHERE seq = 5",
    ];
    execFileSync("sqlite3", [file, change.join(";")]);
    rmSync(file.replace(/sqlite$/, "bloom"));
    // Without a sidecar it is read through at the start: what is not whole does not pass there either.
    const next = await stores.start(directory, { nowMs: () => NOW });
    const { problems } = await verified(next);
    expect([...problems, ...next.warnings()].join("\n")).toMatch(/lost \(seq 3, 5\)|neither there/);
    expect((await readAll(next)).map(({ seq }) => seq)).not.toContain(3);
  });
});

describe("compact", () => {
  it.each([
    { what: "nothing", sizes: [], groups: [] },
    { what: "small neighbours", sizes: [1, 2, 3], groups: [[0, 1, 2]] },
    {
      what: "as many as fit",
      sizes: [6, 4, 1, 9, 5],
      groups: [
        [0, 1],
        [2, 3],
      ],
    },
    { what: "none that are full", sizes: [10, 10], groups: [] },
  ])("joins $what", ({ sizes, groups }) => {
    const partitions = sizes.map((events, first) => ({ first, events, bytes: events * 10 }));
    expect(planMerges(partitions, { maxEvents: 10, maxBytes: 1000 })).toEqual(groups);
  });

  it("joins small partitions, and no answer changes", async () => {
    const { store, directory, files } = await filled({ maxEvents: 5, events: 42 });
    const before = await readAll(store);
    await store.stop();
    const larger = await stores.start(directory, { partition: { maxEvents: 20 }, nowMs: () => NOW });
    const filter = { job_id: ["job-3"] };
    const newest = await larger.query({ filter, limit: 3, order: "desc" });
    const reading: Promise<unknown>[] = [];
    const result = await Promise.all([
      compacted(larger),
      ...Array.from({ length: 20 }, (_, index) => {
        const read = larger.query({ filter: {}, limit: 1000, order: index % 2 ? "asc" : "desc" });
        reading.push(read);
        return read.then((events) => expect(events.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(range(1, 42)));
      }),
    ]);
    expect(result[0]).toMatchObject({ events_removed: 0, partitions_before: 8, partitions_after: 2 });
    expect(result[0].bytes_after).toBeLessThan(result[0].bytes_before);
    expect(await readAll(larger)).toEqual(before);
    expect(await larger.query({ filter, limit: 3, order: "desc" })).toEqual(newest);
    expect((await verified(larger)).problems).toEqual([]);
    expect(await larger.append([makeEvent(7)])).toEqual([{ kind: "stored", seq: 7, duplicate: true }]);
    expect(files().filter((name) => name.endsWith(".sqlite"))).toEqual([
      "0000000000000001-0000000000000020.sqlite",
      "0000000000000021-0000000000000040.sqlite",
    ]);
    expect((await compacted(larger)).partitions_after).toBe(2);
    await larger.stop();
    const next = await stores.start(directory);
    expect(await readAll(next)).toEqual(before);
    expect([next.gaps(), next.warnings()]).toEqual([[], []]);
  });

  it("that a crash has cut short leaves one of each event", async () => {
    const { store, directory, files } = await filled({ maxEvents: 5, events: 10 });
    await store.stop();
    const old = files();
    const kept = stores.newDirectory();
    mkdirSync(kept);
    for (const name of old) copyFileSync(join(directory, "partitions", name), join(kept, name));
    const larger = await stores.start(directory, { partition: { maxEvents: 20 }, nowMs: () => NOW });
    await compacted(larger);
    await larger.stop();
    // As if it had written the new one and not got to removing the old ones.
    for (const name of old) copyFileSync(join(kept, name), join(directory, "partitions", name));
    const next = await stores.start(directory);
    expect((await readAll(next)).map(({ seq }) => seq)).toEqual(range(1, 10));
    expect(files().filter((name) => name.endsWith(".sqlite"))).toHaveLength(1);
    expect((await verified(next)).problems).toEqual([]);
  });

  it("takes out whatever may go, and may be stopped", async () => {
    const { store } = await filled();
    const rules = { ...keepAllRules(), beforeMs: Date.parse(makeEvent(13).timestamp) };
    const stopping = new AbortController();
    const work = store.upkeep.compact({ rules, nowMs: NOW, signal: stopping.signal });
    await work.next();
    stopping.abort();
    await expect(work.next()).rejects.toMatchObject({ name: "AbortError" });
    expect(await compacted(store, rules)).toMatchObject({ events_removed: 2 });
    expect((await readAll(store)).map(({ seq }) => seq)).toEqual(range(13, 45));
    expect((await verified(store)).problems).toEqual([]);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
