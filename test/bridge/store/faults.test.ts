/** Holds the store to its word when the disk does not keep its own: full, failing, or gone in the middle. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { type JournalFile, type OpenJournalFile, openJournalFile } from "../../../bridge/store/journal/journalFile.ts";
import type { LocalStore } from "../../../bridge/store/localStore.ts";
import { bundle } from "../../support/bundle.ts";
import { makeEvent, makeEvents, readAll, seqs, settled, useStores } from "./storeFixture.ts";

const stores = useStores();

type Fault = (operation: keyof JournalFile, bytes?: Uint8Array) => NodeJS.ErrnoException | undefined;

function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: injected`), { code });
}

/** The real file, with a fault in front: a failing write leaves half of its bytes behind, as real ones do. */
function faulty(fault: { current: Fault }): OpenJournalFile {
  return async (path) => {
    const file = await openJournalFile(path);
    return {
      write: async (bytes, position) => {
        const error = fault.current("write", bytes);
        if (error === undefined) return file.write(bytes, position);
        await file.write(bytes.subarray(0, Math.floor(bytes.length / 2)), position);
        throw error;
      },
      sync: async () => {
        const error = fault.current("sync");
        if (error !== undefined) throw error;
        await file.sync();
      },
      truncate: async (size) => {
        const error = fault.current("truncate");
        if (error !== undefined) throw error;
        await file.truncate(size);
      },
      close: () => file.close(),
    };
  };
}

const none: Fault = () => undefined;
const failing =
  (operation: keyof JournalFile, code: string): Fault =>
  (current) =>
    current === operation ? systemError(code) : undefined;

describe("a full disk", () => {
  it("refuses in words, stays readable, and takes events again once there is room", async () => {
    const directory = stores.newDirectory();
    const fault = { current: none };
    const store = await stores.start(directory, { openJournalFile: faulty(fault) });
    const told: number[] = [];
    store.onDidAppend((batch) => told.push(...batch.map(({ seq }) => seq)));
    await store.append(makeEvents(1, 3), { busCursor: "1-0" });

    fault.current = failing("write", "ENOSPC");
    const refused = await Promise.allSettled([
      store.append([makeEvent(4)], { busCursor: "2-0" }),
      // In flight, so no duplicate of anything yet.
      store.append([makeEvent(4)]),
      store.append([makeEvent(5)]),
    ]);
    for (const outcome of refused) {
      expect(outcome).toMatchObject({
        status: "rejected",
        reason: { code: "store_unavailable", message: expect.stringMatching(/full.*Free some space/) },
      });
    }
    expect(store.health()).toMatchObject({ state: "read_only", last_seq: 3 });
    expect(store.busCursor).toBe("1-0");
    expect(store.warnings().join()).toMatch(/full/);
    expect((await readAll(store)).map(({ seq }) => seq)).toEqual([1, 2, 3]);

    fault.current = none;
    expect(await store.append([makeEvent(5), makeEvent(4)])).toEqual([
      { kind: "stored", seq: 4, duplicate: false },
      { kind: "stored", seq: 5, duplicate: false },
    ]);
    expect(store.health().state).toBe("open");
    expect([told, store.warnings()]).toEqual([[1, 2, 3, 4, 5], []]);
    await store.stop();
    const next = await stores.start(directory);
    expect((await readAll(next)).map(({ data }) => data["number"])).toEqual([1, 2, 3, 5, 4]);
    expect(next.gaps()).toEqual([]);
  });

  it("keeps a part of the journal that has no room to be sealed, and seals it later", async () => {
    const directory = stores.newDirectory();
    const options = { partition: { maxEvents: 2 } };
    const store = await stores.start(directory, options);
    // A folder where the temporary file should be: the write fails, also for root.
    const blocked = join(directory, "partitions/0000000000000001-0000000000000002.sqlite.tmp");
    execFileSync("mkdir", ["-p", join(blocked, "x")]);
    await store.append(makeEvents(1, 2));
    await settled(store);
    expect(store.warnings().join()).toMatch(/could not be sealed/);
    await store.append(makeEvents(3, 4));
    expect((await readAll(store)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(seqs(await store.append([makeEvent(1)]))).toEqual([1]);

    await settled(store);
    execFileSync("rm", ["-r", blocked]);
    await settled(store);
    expect(store.warnings()).toEqual([]);
    expect(readdirSync(join(directory, "partitions")).filter((name) => name.endsWith(".sqlite"))).toHaveLength(2);
    expect(readdirSync(join(directory, "journal"))).toEqual(["0000000000000005.journal"]);
    expect((await readAll(store)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });
});

describe("a failing disk", () => {
  it.each([
    { operation: "sync", code: "EIO" },
    { operation: "write", code: "EIO" },
  ] as const)("is final for the journal, not for readers: $operation $code", async ({ operation, code }) => {
    const directory = stores.newDirectory();
    const fault = { current: none };
    const store = await stores.start(directory, { openJournalFile: faulty(fault) });
    const told: number[] = [];
    store.onDidAppend((batch) => told.push(...batch.map(({ seq }) => seq)));
    await store.append(makeEvents(1, 3));
    fault.current = failing(operation, code);
    await expect(store.append([makeEvent(4)])).rejects.toMatchObject({ code: "store_unavailable" });
    // The next sync would succeed and prove nothing.
    fault.current = none;
    await expect(store.append([makeEvent(5)])).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringMatching(/restart the bridge/),
    });
    expect(store.health()).toMatchObject({ state: "failed", last_seq: 3 });
    expect(told).toEqual([1, 2, 3]);
    expect((await readAll(store)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    await store.stop();

    const next = await stores.start(directory);
    expect(next.health().state).toBe("open");
    // The unacknowledged event may be there: published again, it is there once.
    await next.append(makeEvents(4, 5));
    expect((await readAll(next)).map(({ data }) => data["number"])).toEqual([1, 2, 3, 4, 5]);
    expect(next.gaps()).toEqual([]);
  });

  it("goes on, and stops, where the journal's file can be made neither longer nor shorter", async () => {
    const directory = stores.newDirectory();
    const fault = { current: none };
    const options = { openJournalFile: faulty(fault), partition: { maxEvents: 3 } };
    const store = await stores.start(directory, options);
    await store.append(makeEvents(1, 2));
    fault.current = failing("truncate", "EIO");
    for (const event of makeEvents(3, 8)) await store.append([event]);
    await store.stop();
    fault.current = none;
    const next = await stores.start(directory);
    expect((await readAll(next)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(next.gaps()).toEqual([]);
  });

  it("fails for good when what a full disk left behind cannot be cut off", async () => {
    const fault = { current: none };
    const store = await stores.start(stores.newDirectory(), { openJournalFile: faulty(fault) });
    fault.current = (operation) =>
      operation === "write" ? systemError("ENOSPC") : operation === "truncate" ? systemError("EIO") : undefined;
    await expect(store.append([makeEvent(1)])).rejects.toMatchObject({ code: "store_unavailable" });
    expect(store.health().state).toBe("failed");
  });

  it("keeps every acknowledged event, whichever operation fails and how", async () => {
    for (const code of ["EIO", "ENOSPC"]) {
      for (let failsAt = 1; failsAt <= 30; failsAt++) {
        const directory = stores.newDirectory();
        let operations = 0;
        const fault = { current: none };
        const store = stores.create(directory, { openJournalFile: faulty(fault), partition: { maxEvents: 4 } });
        await store.start();
        fault.current = () => (++operations === failsAt ? systemError(code) : undefined);
        const acknowledged: number[] = [];
        for (let number = 1; number <= 10; number++) {
          const outcome = await store.append([makeEvent(number)]).catch(() => undefined);
          if (outcome !== undefined) acknowledged.push(number);
        }
        fault.current = none;
        await store.stop();
        const next = stores.create(directory);
        await next.start();
        const numbers = (await readAll(next)).map(({ data }) => data["number"]);
        expect(numbers, `${code} at operation ${failsAt}`).toEqual(expect.arrayContaining(acknowledged));
        expect(new Set(numbers).size).toBe(numbers.length);
        expect(next.gaps()).toEqual([]);
        await next.stop();
      }
    }
  }, 120_000);
});

describe("the worker", () => {
  /** A worker whose thread ends at the next message once a file is there. */
  function mortalWorker(deathFile: string): string {
    const file = join(stores.home, "mortalWorker.cjs");
    const script = `
      const { existsSync, rmSync } = require("node:fs");
      const { parentPort } = require("node:worker_threads");
      const listen = parentPort.on.bind(parentPort);
      parentPort.on = (name, listener) => listen(name, (message) => {
        if (existsSync(${JSON.stringify(deathFile)})) {
          if (!${JSON.stringify(deathFile)}.endsWith("always")) rmSync(${JSON.stringify(deathFile)});
          process.exit(7);
        }
        listener(message);
      });
      require(${JSON.stringify(stores.files.workerFile)});`;
    writeFileSync(file, script);
    return file;
  }

  it("comes back with all that it held when its thread dies", async () => {
    const death = join(stores.home, "death");
    const store = await stores.start(stores.newDirectory(), {
      workerFile: mortalWorker(death),
      partition: { maxEvents: 4 },
    });
    for (const event of makeEvents(1, 6)) await store.append([event]);
    writeFileSync(death, "");
    const [read, appended] = await Promise.all([readAll(store), store.append([makeEvent(7), makeEvent(2)])]);
    expect(existsSync(death)).toBe(false);
    expect(read.map(({ seq }) => seq).slice(0, 6)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(seqs(appended)).toEqual([7, 2]);
    expect((await readAll(store)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it("comes back with all that it held when the next thread dies too, while it is filled", async () => {
    const deaths = ["first", "second"].map((name) => join(stores.home, `death-${name}`));
    const file = join(stores.home, "twiceMortalWorker.cjs");
    const script = `
      const { existsSync, rmSync } = require("node:fs");
      const { parentPort } = require("node:worker_threads");
      const [first, second] = ${JSON.stringify(deaths)};
      const listen = parentPort.on.bind(parentPort);
      parentPort.on = (name, listener) => listen(name, (message) => {
        const death = existsSync(first) ? first : existsSync(second) && message.kind === "append" ? second : undefined;
        if (death !== undefined) {
          rmSync(death);
          process.exit(7);
        }
        listener(message);
      });
      require(${JSON.stringify(stores.files.workerFile)});`;
    writeFileSync(file, script);
    const directory = stores.newDirectory();
    const store = await stores.start(directory, { workerFile: file });
    await store.append(makeEvents(1, 6));
    await readAll(store);
    for (const death of deaths) writeFileSync(death, "");
    const [read, appended] = await Promise.all([readAll(store), store.append([makeEvent(7), makeEvent(2)])]);
    expect(deaths.filter((death) => existsSync(death))).toEqual([]);
    expect(read.map(({ seq }) => seq).slice(0, 6)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(seqs(appended)).toEqual([7, 2]);
    await settled(store);
    expect((await readAll(store)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it("seals nothing of which it lacks a part: the journal has it all", async () => {
    const file = join(stores.home, "forgetfulWorker.cjs");
    const script = `
      const { parentPort } = require("node:worker_threads");
      const listen = parentPort.on.bind(parentPort);
      let appends = 0;
      parentPort.on = (name, listener) => listen(name, (message) => {
        if (message.kind !== "append" || ++appends !== 2) listener(message);
        else parentPort.postMessage({ id: message.id, error: { message: "no memory", code: "failed" } });
      });
      require(${JSON.stringify(stores.files.workerFile)});`;
    writeFileSync(file, script);
    const directory = stores.newDirectory();
    const options = { partition: { maxEvents: 4 } };
    const store = await stores.start(directory, { workerFile: file, ...options });
    for (const from of [1, 3, 5]) {
      await store.append(makeEvents(from, from + 1));
      await readAll(store);
    }
    await settled(store);
    expect(store.warnings().join()).toMatch(/could not be sealed: .*has 2 of its 4 events/);
    await store.stop();
    const next = await stores.start(directory, options);
    await settled(next);
    expect((await readAll(next)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect([next.gaps(), next.warnings()]).toEqual([[], []]);
  });

  it("may fail to take an event that the journal has: sent again, it is still the same event", async () => {
    const file = join(stores.home, "refusingWorker.cjs");
    const script = `
      const { parentPort } = require("node:worker_threads");
      const listen = parentPort.on.bind(parentPort);
      parentPort.on = (name, listener) => listen(name, (message) => {
        if (message.kind !== "append") listener(message);
        else parentPort.postMessage({ id: message.id, error: { message: "no memory", code: "failed" } });
      });
      require(${JSON.stringify(stores.files.workerFile)});`;
    writeFileSync(file, script);
    const directory = stores.newDirectory();
    const store = await stores.start(directory, { workerFile: file });
    await store.append([makeEvent(1)]);
    expect(await readAll(store)).toEqual([]);
    expect(await store.append([makeEvent(1), makeEvent(2)])).toEqual([
      { kind: "stored", seq: 1, duplicate: true },
      { kind: "stored", seq: 2, duplicate: false },
    ]);
    await store.stop();
    expect((await readAll(await stores.start(directory))).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it("says why when it cannot be started", async () => {
    const store = stores.create(stores.newDirectory(), { wasmFile: join(stores.home, "none.wasm") });
    await expect(store.start()).rejects.toThrow(/died at the start: ENOENT.*none\.wasm/);
    await store.stop();
  });

  it("fails the store when its thread dies again and again", async () => {
    const death = join(stores.home, "death-always");
    const store = await stores.start(stores.newDirectory(), { workerFile: mortalWorker(death) });
    await store.append([makeEvent(1)]);
    writeFileSync(death, "");
    await expect(readAll(store)).rejects.toThrow(/died/);
    await expect.poll(() => store.health().state).toBe("failed");
    await expect(store.append([makeEvent(2)])).rejects.toMatchObject({ code: "store_unavailable" });
  });
});

describe("a process", () => {
  const script = () => bundle("test/bridge/store/appendForever.ts", join(stores.home, "appendForever.cjs"));
  const run = (directory: string, command: string[] = []) => {
    const [program = process.execPath, ...rest] = [...command, process.execPath];
    const { workerFile, wasmFile } = stores.files;
    return spawn(program, [...rest, script(), directory, workerFile, wasmFile], {
      stdio: ["ignore", "pipe", "ignore"],
    });
  };

  /** Collects `number seq` of what the child says was acknowledged, up to `count` of them. */
  async function acknowledgements(child: ChildProcess, count: number): Promise<Map<number, number>> {
    const acknowledged = new Map<number, number>();
    if (child.stdout === null) throw new Error("no output to read");
    for await (const line of createInterface({ input: child.stdout })) {
      const [number, seq] = line.split(" ").map(Number);
      if (number === undefined || seq === undefined) continue;
      acknowledged.set(number, seq);
      if (acknowledged.size === count) child.kill("SIGKILL");
    }
    return acknowledged;
  }

  async function holds(store: LocalStore, acknowledged: ReadonlyMap<number, number>): Promise<number> {
    const events = await readAll(store);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    const stored = new Map(events.map(({ data, seq }) => [data["number"], seq]));
    expect(stored.size).toBe(events.length);
    for (const [number, seq] of acknowledged) expect(stored.get(number)).toBe(seq);
    expect(store.gaps()).toEqual([]);
    return events.length;
  }

  it("that is killed has lost nothing that it acknowledged", async () => {
    const directory = stores.newDirectory();
    const acknowledged = new Map<number, number>();
    for (const count of [1, 40, 250, 777, 1500]) {
      const child = run(directory);
      const round = await acknowledgements(child, count);
      expect(round.size).toBeGreaterThanOrEqual(count);
      for (const [number, seq] of round) acknowledged.set(number, seq);
      const store = stores.create(directory);
      await store.start();
      await holds(store, acknowledged);
      await store.stop();
    }
  }, 60_000);

  it.runIf(spawnSync("strace", ["-V"]).status === 0)(
    "whose fdatasync fails takes nothing more",
    async () => {
      const directory = stores.newDirectory();
      const child = run(directory, [
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "inject=fdatasync:error=EIO:when=20",
      ]);
      const closed = new Promise((resolve) => child.once("close", resolve));
      const acknowledged = await acknowledgements(child, Number.POSITIVE_INFINITY);
      // The child ends by itself when an append is refused.
      expect(await closed).toBe(3);
      const store = await stores.start(directory);
      expect(await holds(store, acknowledged)).toBeGreaterThan(0);
    },
    60_000,
  );
});

describe("a sealed partition with flipped bits", () => {
  it.each([
    { name: "in an event", find: '"number":7' },
    { name: "in SQLite's first page", find: "CREATE TABLE events" },
    { name: "in its header", find: "SQLite format 3" },
  ])("keeps what is whole and says what is lost: $name", async ({ find }) => {
    const directory = stores.newDirectory();
    const store = await stores.start(directory, { partition: { maxEvents: 20 } });
    await store.append(makeEvents(1, 20));
    await settled(store);
    await store.stop();
    const file = join(directory, "partitions/0000000000000001-0000000000000020.sqlite");
    copyFileSync(file, `${file}.original`);
    const bytes = readFileSync(file);
    // Every copy: SQLite leaves old ones in the free space of its pages.
    for (let at = bytes.indexOf(find); at !== -1; at = bytes.indexOf(find, at + 1)) {
      bytes[at + 8] = (bytes[at + 8] ?? 0) ^ 0x02;
    }
    writeFileSync(file, bytes);

    const next = await stores.start(directory);
    const kept = (await readAll(next)).map(({ seq }) => seq);
    const lost = Array.from({ length: 20 }, (_, index) => index + 1).filter((seq) => !kept.includes(seq));
    if (find.startsWith('"number"')) expect(lost).toEqual([7]);
    expect(existsSync(`${file}.damaged`)).toBe(true);
    const reported = next
      .gaps()
      .flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index));
    expect(reported.length > 0 ? reported : lost).toEqual(lost);
    expect(next.warnings().join()).toMatch(/damaged/);
    expect(seqs(await next.append([makeEvent(21)]))).toEqual([21]);
    await next.stop();

    const third = await stores.start(directory);
    expect((await readAll(third)).map(({ seq }) => seq)).toEqual([...kept, 21]);
    expect(third.warnings()).toEqual([]);
  });
});
