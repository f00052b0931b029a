/** Holds forgetting to its word on real files: what goes, what stays, what is told, and what a crash in between leaves. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { LocalStore } from "../../../bridge/store/localStore.ts";
import { Retention, type RetentionOptions } from "../../../bridge/store/retention.ts";
import { ageRules, type RemovalRules } from "../../../bridge/store/retentionPolicy.ts";
import { RetentionSettingsFile } from "../../../bridge/store/retentionSettings.ts";
import type { LogHolding } from "../../../bridge/store/retentionSweep.ts";
import { makeEvent, quietLog, readAll, settled, useStores } from "./storeFixture.ts";

const stores = useStores();
const home = mkdtempSync(join(tmpdir(), "televibe-retention-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const DAY = 86_400_000;
const START = Date.UTC(2026, 10, 1);
const NOW = Date.UTC(2026, 10, 20);
const main = { project_id: "televibe", session_id: "main" };
const numbers = async (store: LocalStore) => (await readAll(store)).map(({ seq }) => seq);

/** Event `number` on its day; every second one is of another project, and every fourth of another session. */
function mixed(number: number, day: number) {
  return makeEvent(number, {
    timestamp: new Date(START + day * DAY + number).toISOString(),
    project_id: number % 2 === 0 ? "scratch" : "televibe",
    session_id: number % 4 === 3 ? "side" : "main",
  });
}

async function storeOf(days: readonly number[], options: { partition?: { maxEvents: number } } = {}) {
  const directory = stores.newDirectory();
  const open = { partition: { maxEvents: 10 }, nowMs: () => NOW, ...options };
  const store = await stores.start(directory, open);
  for (const [index, day] of days.entries()) {
    await store.append(Array.from({ length: 10 }, (_, offset) => mixed(index * 10 + offset + 1, day)));
  }
  await settled(store);
  const reopen = async () => {
    await store.stop();
    return stores.start(directory, open);
  };
  return { store, directory, reopen };
}

const terms = (rules: RemovalRules, leastShare = 0.25) => ({
  rules,
  nowMs: NOW,
  leastShare,
  signal: new AbortController().signal,
});
const rules = (changes: Partial<Parameters<typeof ageRules>[0]>) =>
  ageRules({ days: 10, max_bytes: null, projects: {}, pinned: [], ...changes }, NOW);

describe("thinning", () => {
  it("takes out what is too old for its project, and leaves all else as it was", async () => {
    const { store, reopen } = await storeOf([1, 15, 15]);
    const before = await readAll(store);
    const removed = await store.upkeep.reducePartition(
      11,
      terms(rules({ days: 30, projects: { scratch: { days: 2 } } })),
    );
    expect(removed).toMatchObject({ events: 5 });
    expect(removed.bytes).toBeGreaterThan(0);
    const left = before.filter(({ seq, project_id }) => seq <= 10 || seq > 20 || project_id !== "scratch");
    const check = async (each: LocalStore) => {
      expect(await readAll(each)).toEqual(left);
      expect([each.firstSeq, each.lastSeq, each.gaps(), each.thinned()]).toEqual([1, 30, [], [{ from: 12, to: 20 }]]);
      const filter = { project_id: ["scratch"] };
      const scratch = await each.query({ filter, limit: 100, order: "desc" });
      expect(scratch.map(({ seq }) => seq)).toEqual([30, 28, 26, 24, 22, 10, 8, 6, 4, 2]);
    };
    await check(store);
    const next = await reopen();
    await check(next);
    // Forgotten ids are new again; what is left is known.
    const outcomes = await next.append([mixed(11, 15), mixed(12, 15)]);
    expect(outcomes).toEqual([
      { kind: "stored", seq: 11, duplicate: true },
      { kind: "stored", seq: 31, duplicate: false },
    ]);
  });

  it("is not worth it for less than a quarter", async () => {
    const { store } = await storeOf([1, 15]);
    const brief = rules({ days: 30, projects: { scratch: { days: 2 } } });
    expect(await store.upkeep.reducePartition(11, terms(brief, 0.9))).toEqual({ events: 0, bytes: 0 });
    expect(store.thinned()).toEqual([]);
  });

  it("keeps a pinned session whatever its age, and says between what the rest was", async () => {
    const { store, directory, reopen } = await storeOf([1, 1, 1, 18]);
    const pinned = [{ project_id: "televibe", session_id: "side" }];
    for (const { first } of store.upkeep.sealedPartitions(NOW))
      await store.upkeep.reducePartition(first, terms(rules({ pinned })));
    const side = [3, 7, 11, 15, 19, 23, 27];
    const rest = Array.from({ length: 10 }, (_, index) => 31 + index);
    expect(await numbers(store)).toEqual([...side, ...rest]);
    expect(store.thinned()).toEqual([
      { from: 1, to: 10 },
      { from: 12, to: 30 },
    ]);
    // Unpinned it goes as all else did.
    for (const { first } of store.upkeep.sealedPartitions(NOW))
      await store.upkeep.reducePartition(first, terms(rules({})));
    const next = await reopen();
    expect(await numbers(next)).toEqual(rest);
    expect([next.firstSeq, next.thinned(), next.warnings()]).toEqual([31, [], []]);
    expect(readdirSync(join(directory, "partitions")).filter((name) => name.endsWith(".sqlite"))).toHaveLength(1);
  });

  it("removes whole partitions behind one that stays, and they are no gap", async () => {
    const { store, reopen } = await storeOf([1, 1, 1, 18]);
    for (const first of [11, 21]) await store.upkeep.reducePartition(first, terms(rules({})));
    expect([store.firstSeq, store.thinned()]).toEqual([1, [{ from: 11, to: 30 }]]);
    const next = await reopen();
    expect([next.firstSeq, next.gaps(), next.warnings()]).toEqual([1, [], []]);
    expect(await numbers(next)).toEqual([...range(1, 10), ...range(31, 40)]);
    await next.upkeep.reducePartition(1, terms(rules({})));
    expect([next.firstSeq, next.thinned()]).toEqual([31, []]);
  });

  it("leaves a missing file a gap, also where others were removed or thinned", async () => {
    const { store, directory } = await storeOf([1, 1, 1, 18]);
    const pinned = [{ project_id: "televibe", session_id: "side" }];
    await store.upkeep.reducePartition(1, terms(rules({ pinned })));
    await store.stop();
    const name = readdirSync(join(directory, "partitions")).find((each) => /^0{14}11-.*sqlite$/.test(each));
    rmSync(join(directory, "partitions", name ?? ""));
    const next = await stores.start(directory);
    expect(next.gaps()).toEqual([{ from: 11, to: 20 }]);
  });

  it("tells loss from thinning when a thinned file is damaged", async () => {
    const { store, directory } = await storeOf([1, 1, 18], { partition: { maxEvents: 10 } });
    await store.upkeep.reducePartition(11, terms(rules({ days: 30, projects: { scratch: { days: 2 } } })));
    await store.stop();
    const name = readdirSync(join(directory, "partitions")).find((each) => /^0{14}11-.*bloom$/.test(each));
    const sidecar = join(directory, "partitions", name ?? "");
    // The sidecar alone is damaged: everything can be made anew from the partition.
    writeFileSync(sidecar, readFileSync(sidecar).fill(0, 40, 44));
    const next = await stores.start(directory);
    expect(next.gaps()).toEqual([]);
    expect(await numbers(next)).toEqual([...range(1, 10), 11, 13, 15, 17, 19, ...range(21, 30)]);
  });

  it("lets appends and queries through while it works, and stops in the middle", async () => {
    const { store } = await storeOf([1, 1, 1, 1, 18]);
    const stopping = new AbortController();
    const thinned = store.upkeep.reducePartition(1, {
      ...terms(rules({ days: 30, projects: { scratch: { days: 2 } } })),
      signal: stopping.signal,
    });
    stopping.abort();
    await expect(thinned).rejects.toMatchObject({ name: "AbortError" });
    expect(await numbers(store)).toEqual(range(1, 50));
    const [removed] = await Promise.all([
      store.upkeep.reducePartition(1, terms(rules({ days: 30, projects: { scratch: { days: 2 } } }))),
      store.append([makeEvent(51)]),
      readAll(store),
    ]);
    expect(removed.events).toBe(5);
    expect((await numbers(store)).length).toBe(46);
  });
});

describe("the partition that grows", () => {
  it("is closed once enough of it is too old, and not before", async () => {
    const directory = stores.newDirectory();
    const store = await stores.start(directory, { nowMs: () => NOW });
    await store.append([mixed(1, 1), ...[2, 3, 4, 5, 6].map((number) => mixed(number, 15))]);
    await store.upkeep.closeActiveFor(terms(rules({})));
    expect(store.upkeep.sealedPartitions(NOW)).toEqual([]);
    await store.append([mixed(7, 1), mixed(8, 1)]);
    await store.upkeep.closeActiveFor(terms(rules({})));
    expect(store.upkeep.sealedPartitions(NOW)).toMatchObject([{ first: 1 }]);
    await store.upkeep.reducePartition(1, terms(rules({})));
    expect(await numbers(store)).toEqual([2, 3, 4, 5, 6]);
    expect((await store.append([mixed(9, 15)]))[0]).toMatchObject({ seq: 9 });
  });
});

describe("a crash", () => {
  it("between the announcement of a thinning and its file leaves all that is there", async () => {
    const { store, directory, reopen } = await storeOf([1, 1, 18]);
    const before = await numbers(store);
    await store.stop();
    const { MetadataFile, withRemoved } = await import("../../../bridge/store/storeMetadata.ts");
    const metadata = await MetadataFile.open(directory);
    await metadata.update(withRemoved("thinned", { from: 2, to: 10 }));
    await metadata.update(withRemoved("removed", { from: 11, to: 20 }));
    const next = await reopen();
    expect(await numbers(next)).toEqual(before);
    expect([next.gaps(), next.thinned()]).toEqual([[], [{ from: 2, to: 20 }]]);
  });

  it("between the new file and its sidecar makes the sidecar anew", async () => {
    const { store, directory, reopen } = await storeOf([1, 1, 18]);
    await store.upkeep.reducePartition(1, terms(rules({ days: 30, projects: { scratch: { days: 2 } } })));
    const expected = await readAll(store);
    await store.stop();
    for (const name of readdirSync(join(directory, "partitions"))) {
      if (name.endsWith(".bloom")) rmSync(join(directory, "partitions", name));
    }
    const next = await reopen();
    expect(await readAll(next)).toEqual(expected);
    expect([next.gaps(), next.warnings()]).toEqual([[], []]);
  });
});

describe("Retention", () => {
  const log = (id: string, day: number, bytes = 100, session: string | null = "main"): LogHolding => ({
    id,
    bytes,
    lastWriteMs: START + day * DAY,
    project_id: "televibe",
    session_id: session,
    isRunning: false,
  });

  function shelf(...logs: LogHolding[]) {
    const held = new Map(logs.map((each) => [each.id, each]));
    return {
      held,
      logs: { list: async () => [...held.values()], remove: async (id: string) => void held.delete(id) },
    };
  }

  const of = (store: LocalStore) => ({ upkeep: () => store.upkeep, storeBytes: () => store.health().bytes });

  async function pass(options: {
    store: LocalStore;
    logs?: RetentionOptions["logs"];
    settings?: string;
    path?: string;
  }) {
    const path = options.path ?? join(home, `${Math.random()}.json`);
    if (options.settings !== undefined) writeFileSync(path, options.settings);
    const { store, logs } = options;
    const retention = new Retention({
      ...of(store),
      ...(logs === undefined ? {} : { logs }),
      log: quietLog,
      settings: new RetentionSettingsFile({ path }),
    });
    await retention.run();
    return retention;
  }

  it("goes by age, project and pin, events and logs alike", async () => {
    const { store } = await storeOf([1, 1, 15, 18]);
    const { held, logs } = shelf(log("old", 1), log("pinned", 1, 100, "side"), log("young", 18), {
      ...log("running", 1),
      isRunning: true,
    });
    const settings = JSON.stringify({
      days: 10,
      projects: { scratch: { days: 3 } },
      pinned: [{ project_id: "televibe", session_id: "side" }],
    });
    const retention = await pass({ store, logs, settings });
    expect(await numbers(store)).toEqual([3, 7, 11, 15, 19, 21, 23, 25, 27, 29, ...range(31, 40)]);
    expect([...held.keys()]).toEqual(["pinned", "young", "running"]);
    expect(retention.report().last_pass).toMatchObject({ events: 20, logs: 1 });
    expect(retention.warnings()).toEqual([]);
  });

  it("makes room from the oldest on, a job's log with its events, and keeps what is pinned", async () => {
    const { store } = await storeOf([14, 15, 16, 17]);
    const size = store.upkeep.sealedPartitions(NOW)[0]?.bytes ?? 0;
    const big = 20_000_000;
    const { held, logs } = shelf(
      log("first", 14, big),
      log("second", 15, big),
      log("pinned", 14, big, "side"),
      log("last", 17, 1000),
    );
    const pinned = [{ project_id: "televibe", session_id: "side" }];
    const settings = JSON.stringify({ max_bytes: 2 * big + 4 * size, pinned });
    const retention = await pass({ store, logs, settings });
    expect([...held.keys()]).toEqual(["second", "pinned", "last"]);
    expect((await numbers(store)).filter((seq) => seq <= 20)).toEqual([3, 7, ...range(11, 20)]);
    expect(retention.warnings()).toEqual([]);
  });

  it("says so when what is pinned takes more than the bound", async () => {
    const { store } = await storeOf([18]);
    const { held, logs } = shelf(log("pinned", 1, 50_000_000));
    const settings = JSON.stringify({ max_bytes: 32_000_000, pinned: [main] });
    const retention = await pass({ store, logs, settings });
    expect([...held.keys()]).toEqual(["pinned"]);
    expect(retention.warnings()).toEqual([expect.stringMatching(/more than the bound of 32000000/)]);
  });

  it("removes nothing by a file that was never right, and says which field is wrong", async () => {
    const { store } = await storeOf([1, 1]);
    const path = join(home, "never-right.json");
    const old = new Retention({
      ...of(store),
      settings: new RetentionSettingsFile({ path, defaultDays: 1 }),
      log: quietLog,
    });
    writeFileSync(path, '{"dayz": 365}');
    await old.run();
    expect(old.warnings()).toEqual([expect.stringMatching(/"dayz".*nothing is removed/)]);
    expect(old.report()).toMatchObject({ settings: null, last_pass: null });
    expect((await numbers(store)).length).toBe(20);
  });

  it("is not led astray by the machine's clock: a jump of years costs a day a pass", async () => {
    const directory = stores.newDirectory();
    let now = START + 15 * DAY;
    const store = await stores.start(directory, { partition: { maxEvents: 10 }, nowMs: () => now });
    for (const day of [0, 1, 2, 14]) {
      await store.append(Array.from({ length: 10 }, (_, index) => mixed(day * 10 + index + 1, day)));
    }
    await settled(store);
    const path = join(home, "clock.json");
    writeFileSync(path, '{"days": 14}');
    await pass({ store, path });
    expect((await numbers(store)).length).toBe(30);
    now += 3650 * DAY;
    await pass({ store, path });
    expect((await numbers(store)).length).toBe(20);
    now -= 3650 * DAY;
    await pass({ store, path });
    expect((await numbers(store)).length).toBe(20);
  });

  it("goes on by itself, outlives a failure, and stops", async () => {
    let calls = 0;
    const errors: string[] = [];
    const passes: number[] = [];
    const retention = new Retention({
      storeBytes: () => 0,
      upkeep: () => ({
        retentionNow: () => (++calls === 1 ? Promise.reject(new Error("no")) : Promise.resolve(NOW)),
        sealedPartitions: () => [],
        closeActiveFor: () => Promise.resolve(),
        reducePartition: () => Promise.resolve({ events: 0, bytes: 0 }),
      }),
      settings: new RetentionSettingsFile({ path: join(home, "none.json") }),
      intervalMs: 5,
      log: { ...quietLog, error: (message) => void errors.push(message) },
      onDidRun: () => void passes.push(calls),
    });
    retention.start();
    await expect.poll(() => passes.length).toBeGreaterThan(1);
    await retention.stop();
    const count = calls;
    await retention.run();
    expect([errors.length, calls - count]).toEqual([1, 1]);
  });

  it("removes nothing while somebody reads all of the store", async () => {
    const { store } = await storeOf([1, 18]);
    const path = join(home, "held.json");
    writeFileSync(path, '{"days": 10}');
    const retention = new Retention({ ...of(store), settings: new RetentionSettingsFile({ path }), log: quietLog });
    const held = await retention.hold();
    await retention.run();
    expect((await numbers(store)).length).toBe(20);
    held[Symbol.dispose]();
    await retention.run();
    expect((await numbers(store)).length).toBe(10);
  });

  it("gives way to whoever takes its place, who waits for those who read, and they for it", async () => {
    const { store } = await storeOf([1, 18]);
    const path = join(home, "occupied.json");
    writeFileSync(path, '{"days": 10}');
    const retention = new Retention({ ...of(store), settings: new RetentionSettingsFile({ path }), log: quietLog });
    const order: string[] = [];
    const held = await retention.hold();
    const occupying = retention.occupy(new AbortController().signal).then((occupied) => {
      order.push("occupied");
      return occupied;
    });
    await retention.run();
    order.push("released");
    held[Symbol.dispose]();
    const occupied = await occupying;
    const holding = retention.hold().then(() => order.push("held"));
    const running = retention.run();
    expect((await numbers(store)).length).toBe(20);
    order.push("done");
    occupied[Symbol.dispose]();
    await Promise.all([holding, running]);
    expect(order).toEqual(["released", "occupied", "done", "held"]);
  });

  it("takes a pin at its word before it is confirmed", async () => {
    const { store } = await storeOf([1, 1, 1, 1]);
    const path = join(home, "pin.json");
    writeFileSync(path, '{"days": 10}');
    const retention = new Retention({ ...of(store), settings: new RetentionSettingsFile({ path }), log: quietLog });
    const running = retention.run();
    await retention.pin(main);
    const confirmed = (await readAll(store)).filter(
      ({ project_id, session_id }) => `${project_id}/${session_id}` === "televibe/main",
    );
    await running;
    await retention.run();
    expect(await readAll(store)).toEqual(confirmed);
    expect(existsSync(path)).toBe(true);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
