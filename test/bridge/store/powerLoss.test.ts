/** Holds the store to its word through a power cut. A sample of the states: `npm run bench` starts on all of them. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { checkStart, powerLoss } from "../../bench/durability/powerLoss.ts";
import { seededRandom } from "../../bench/durability/seededRandom.ts";
import { crashStates } from "../../bench/durability/simulatedDisk.ts";
import { type DiskOperation, readTrace } from "../../bench/durability/systemCallTrace.ts";
import { makeEvents, useStores } from "./storeFixture.ts";

const stores = useStores();
const root = "/home/store";
const hasStrace = spawnSync("strace", ["-V"]).status === 0;

describe("what a power cut can leave", () => {
  /** The files of every state behind the last operation, each as `path: content`. */
  const states = (...trace: DiskOperation[]) => {
    const found = crashStates(trace, trace.length - 1, root, new Map([["old", Buffer.from("1")]]), seededRandom(1), 8);
    return new Set(found.map((state) => [...state].map(([path, bytes]) => `${path}: ${bytes}`).join(", ")));
  };
  const create: DiskOperation = { kind: "create", path: `${root}/new`, file: 1 };
  const write: DiskOperation = { kind: "write", file: 1, offset: 0, bytes: Buffer.from("2") };
  const rename: DiskOperation = { kind: "rename", from: `${root}/new`, to: `${root}/old`, file: 1 };
  const sync = (begun: number): DiskOperation => ({ kind: "sync", file: 1, begun });
  const syncDirectory = (begun: number): DiskOperation => ({ kind: "syncDirectory", path: root, begun });

  it("is anything while nothing is synced", () => {
    expect(states(create, write)).toEqual(new Set(["old: 1", "old: 1, new: ", "old: 1, new: 2"]));
  });

  it("is a file without a name, where only the file is synced", () => {
    expect(states(create, write, sync(2))).toEqual(new Set(["old: 1", "old: 1, new: 2"]));
  });

  it("is a name without its content, where only the folder is synced", () => {
    expect(states(create, write, syncDirectory(2))).toEqual(new Set(["old: 1, new: ", "old: 1, new: 2"]));
  });

  it("is the old file or the new one, where a file is replaced as it should be", () => {
    const replaced = [create, write, sync(2), rename];
    expect(states(...replaced)).toEqual(new Set(["old: 1", "old: 1, new: 2", "old: 2"]));
    expect(states(...replaced, syncDirectory(4))).toEqual(new Set(["old: 2"]));
  });

  it("is an empty file under the old name, where one renames before the sync", () => {
    expect(states(create, write, rename)).toContain("old: ");
  });

  it("is no more than a sync has covered: what came after its call is open", () => {
    expect(states(create, write, sync(1), syncDirectory(1))).toContain("old: 1, new: ");
  });

  it("is a write in some of its blocks", () => {
    const torn = states(
      create,
      syncDirectory(1),
      { kind: "write", file: 1, offset: 500, bytes: Buffer.alloc(600, "x") },
      { kind: "truncate", file: 1, size: 1100 },
    );
    const lengths = [...torn].map((state) => state.replaceAll("\0", "0").replace(/^.*new: /, ""));
    expect(lengths).toContain(`${"0".repeat(512)}${"x".repeat(512)}${"x".repeat(76)}`);
    expect(lengths).toContain(`${"0".repeat(500)}${"x".repeat(12)}`);
  });

  it("is read off strace's record, calls of several threads mixed", () => {
    const hex = (text: string) =>
      [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
    const record = [
      `7  openat(AT_FDCWD, "${hex(`${root}/a`)}", O_RDWR|O_CREAT|O_CLOEXEC, 0600) = 20`,
      `7  pwrite64(20, "${hex("whole")}", 5, 0 <unfinished ...>`,
      `8  fdatasync(20 <unfinished ...>`,
      "7  <... pwrite64 resumed>)           = 5",
      "8  <... fdatasync resumed>)          = 0",
      `7  write(1, "${hex("acknowledged 1 1\n")}", 17) = 17`,
      `7  rename("${hex(`${root}/a`)}", "${hex(`${root}/b`)}") = -1 EIO (Input/output error) (INJECTED)`,
      `7  unlink("${hex("/elsewhere/a")}") = 0`,
    ].join("\n");
    expect(readTrace(record, root, new Map())).toEqual([
      { kind: "create", path: `${root}/a`, file: 1 },
      { kind: "write", file: 1, offset: 0, bytes: Buffer.from("whole") },
      // It was asked for before the write was done: it proves nothing of it.
      { kind: "sync", file: 1, begun: 1 },
      { kind: "say", line: "acknowledged 1 1" },
    ]);
  });
});

describe("a start after a power cut", () => {
  it("is found wanting where an acknowledged event is missing, moved or changed", async () => {
    const directory = stores.newDirectory();
    const store = await stores.start(directory);
    await store.append(makeEvents(1, 3));
    await store.stop();
    const check = async (acknowledged: [number, number][]) =>
      (await checkStart(stores.create, directory, { acknowledged: new Map(acknowledged), removable: 0 })).wrong.join();
    expect(await check([[4, 4]])).toMatch(/event 4 was acknowledged as 4 and is not there/);
    expect(await check([[2, 3]])).toMatch(/event 2 was acknowledged as 3 and is 2/);
    expect(await check([[3, 30]])).toMatch(/numbers begin again/);
    expect(await check([[1, 1]])).toBe("");
  });

  it.runIf(hasStrace)("shows every acknowledged event, once, in order", async () => {
    const figures = await powerLoss({
      seed: 20_261_123,
      files: stores.files,
      createStore: stores.create,
      samples: 1,
      maxStates: 16,
    });
    expect(figures.violations).toEqual([]);
    expect(figures.acknowledged).toBe(32);
    expect(figures.states).toBeGreaterThan(150);
    expect(figures.checked).toBeGreaterThanOrEqual(16);
  });
});
