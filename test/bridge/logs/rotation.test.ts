/** Job logs that grow past their bounds, on a real disk: the newest bytes stay, and whoever missed some is told. */
import { mkdtempSync } from "node:fs";
import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createLogger } from "../../../bridge/diagnostics/logger.ts";
import { FileLogStore } from "../../../bridge/logs/fileLogStore.ts";
import type { LogFrame } from "../../../shared/protocol/log.ts";

const quiet = createLogger({ write: () => undefined, nowMs: () => 0 });
const home = mkdtempSync(join(tmpdir(), "tv-rotation-"));
afterAll(() => rm(home, { recursive: true, force: true }));
let folders = 0;

const BOUNDS = { maxBytes: 1000, segmentBytes: 300 };
const LINE_BYTES = 10;
/** `line 00001` and so on: ten bytes with its line feed. */
const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${String(from + index).padStart(4, "0")}`);
const text = (from: number, to: number) => Buffer.from(`${lines(from, to).join("\n")}\n`);

async function openStore(directory = join(home, String(++folders))) {
  const store = new FileLogStore({ directory, log: quiet, bounds: BOUNDS });
  await store.start();
  return { store, directory };
}

async function follow(store: FileLogStore, from: { lines: number } | { offset: number; generation?: string }) {
  const frames: LogFrame[] = [];
  for await (const frame of store.follow("j", from, new AbortController().signal)) frames.push(frame);
  return frames;
}
const linesOf = (frames: readonly LogFrame[]) =>
  frames.flatMap((frame) => (frame.type === "log.lines" ? frame.data.lines : []));

describe("a log past its bound", () => {
  it("keeps its newest bytes in files of bounded size, under the same offsets, also over a restart", async () => {
    const { store, directory } = await openStore();
    for (let number = 1; number <= 500; number += 5) await store.append("j", text(number, number + 4));
    const files = await readdir(join(directory, "j.segments"));
    const sizes = await Promise.all(files.map(async (name) => (await stat(join(directory, "j.segments", name))).size));
    expect(Math.max(...sizes)).toBe(BOUNDS.segmentBytes);
    const kept = sizes.reduce((sum, size) => sum + size, 0);
    expect(kept).toBeLessThanOrEqual(BOUNDS.maxBytes);
    expect(kept).toBeGreaterThan(BOUNDS.maxBytes - BOUNDS.segmentBytes);
    expect(await readdir(directory)).not.toContain("j.log");

    const first = 500 - kept / LINE_BYTES + 1;
    const page = { offset: 5000 - kept, next_offset: 5000, size: 5000, lines: lines(first, 500) };
    expect(await store.read("j", { offset: 0, maxBytes: 1e6 })).toMatchObject(page);
    await store.stop();
    const { store: next } = await openStore(directory);
    expect(await next.read("j", { offset: 0, maxBytes: 1e6 })).toMatchObject(page);
    expect((await next.read("j", { lines: 3 })).lines).toEqual(lines(498, 500));
    // A producer that sends from the beginning again is passed over up to the end.
    expect(await next.append("j", text(1, 501), 0)).toEqual({ size: 5010 });
    expect((await next.read("j", { lines: 2 })).lines).toEqual(lines(500, 501));
    await next.stop();
  });

  it("tells a follower what went while it was away or slow, and goes on behind it", async () => {
    const { store } = await openStore();
    await store.append("j", text(1, 100));
    const generation = await store.generation("j");
    await store.append("j", text(101, 300));
    const frames = await follow(store, { offset: 50, generation });
    const { offset } = await store.read("j", { offset: 0, maxBytes: 10 });
    expect(offset).toBeGreaterThan(2000);
    expect(frames[0]).toEqual({ type: "log.gap", data: { from: 50, to: offset, reason: "rotated" } });
    expect(linesOf(frames)).toEqual(lines(offset / LINE_BYTES + 1, 300));
    expect(frames.at(-1)?.type).toBe("log.end");

    store.reopen("j");
    const slow = store.follow("j", { lines: 1 }, new AbortController().signal)[Symbol.asyncIterator]();
    expect((await slow.next()).value).toMatchObject({ data: { lines: lines(300, 300) } });
    for (let number = 301; number <= 600; number += 10) await store.append("j", text(number, number + 9));
    store.end("j", "completed");
    const rest: LogFrame[] = [];
    for (let next = await slow.next(); !next.done; next = await slow.next()) rest.push(next.value);
    expect(rest.map(({ type }) => type)).toEqual(["log.gap", "log.lines", "log.end"]);
    expect(rest[0]).toMatchObject({ data: { from: 3000 } });
    expect(linesOf(rest).at(-1)).toBe("line 0600");
    await store.stop();
  });

  it("is listed, counted and removed with all its files", async () => {
    const { store, directory } = await openStore();
    await store.append("j", text(1, 200));
    await store.append("k", text(1, 1));
    expect((await store.list()).map(({ id }) => id).sort()).toEqual(["j", "k"]);
    expect(await store.bytes()).toBeLessThanOrEqual(BOUNDS.maxBytes + LINE_BYTES);
    await store.removeListed("j");
    expect((await readdir(directory)).sort()).toEqual(["k.generation", "k.log"]);
    await store.append("k", text(2, 200));
    await store.remove("k");
    expect(await readdir(directory)).toEqual([]);
    await store.stop();
  });

  it("begins behind a file that somebody has taken away", async () => {
    const { store, directory } = await openStore();
    await store.append("j", text(1, 90));
    await store.stop();
    await rm(join(directory, "j.segments/0000000000000300.log"));
    const { store: next } = await openStore(directory);
    expect(await next.read("j", { offset: 0, maxBytes: 1e6 })).toMatchObject({ offset: 600, lines: lines(61, 90) });
    await next.stop();
  });

  it("goes on from a log that an earlier version wrote as one file", async () => {
    const { store, directory } = await openStore();
    await writeFile(join(directory, "j.log"), text(1, 400));
    expect(await store.append("j", text(401, 402), 4000)).toEqual({ size: 4020 });
    expect((await store.read("j", { offset: 0, maxBytes: 1e6 })).lines).toEqual(lines(401, 402));
    await store.stop();
  });
});

describe("a thousand followers", () => {
  it("at the same place get the same frames, each read once", async () => {
    const { store } = await openStore();
    store.reopen("j");
    await store.append("j", text(1, 10));
    const stopping = new AbortController();
    const seen = Array.from({ length: 1000 }, () => [] as LogFrame[]);
    const following = seen.map(async (frames) => {
      for await (const frame of store.follow("j", { offset: 0 }, stopping.signal)) frames.push(frame);
    });
    for (let number = 11; number <= 60; number += 10) {
      await store.append("j", text(number, number + 9));
      await new Promise((resolve) => setImmediate(resolve));
    }
    store.end("j", "completed");
    await Promise.all(following);
    for (const frames of seen) expect(linesOf(frames)).toEqual(lines(1, 60));
    // What was read once is one object for all of them.
    const different = new Set(seen.flat().filter(({ type }) => type === "log.lines"));
    expect(different.size).toBeLessThanOrEqual(10);
    await store.stop();
  });
});
