/** Job logs on a real disk: nothing lost, nothing doubled, nothing of an unknown job created. */
import { mkdtempSync } from "node:fs";
import { readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { createLogger } from "../../../bridge/diagnostics/logger.ts";
import { FileLogStore } from "../../../bridge/logs/fileLogStore.ts";
import { MAX_LINE_BYTES } from "../../../bridge/logs/lines.ts";
import type { LogFrame } from "../../../shared/protocol/log.ts";

const quiet = createLogger({ write: () => undefined, nowMs: () => 0 });

const directories = new Set<string>();
afterAll(() => Promise.all([...directories].map((directory) => rm(directory, { recursive: true, force: true }))));

async function openStore(directory = mkdtempSync(join(tmpdir(), "tv-logs-"))) {
  directories.add(directory);
  const store = new FileLogStore({ directory, log: quiet });
  await store.start();
  return { store, directory };
}

/** Follows a job's log until its end; the lines and the frames. */
async function followToEnd(
  store: FileLogStore,
  jobId: string,
  from: { lines: number } | { offset: number; generation?: string },
) {
  const frames: LogFrame[] = [];
  for await (const frame of store.follow(jobId, from, new AbortController().signal)) frames.push(frame);
  return { frames, lines: frames.flatMap((frame) => (frame.type === "log.lines" ? frame.data.lines : [])) };
}

describe("appending", () => {
  it("passes over what is there, and refuses a hole with the size in its context", async () => {
    const { store } = await openStore();
    expect(await store.append("j", Buffer.from("one\ntwo\n"))).toEqual({ size: 8 });
    expect(await store.append("j", Buffer.from("two\nthree\n"), 4)).toEqual({ size: 14 });
    expect(await store.append("j", Buffer.from("one\n"), 0)).toEqual({ size: 14 });
    await expect(store.append("j", Buffer.from("x"), 99)).rejects.toMatchObject({
      code: "log_offset_conflict",
      document: { context: { size: 14 } },
    });
    expect((await store.read("j", { lines: 10 })).lines).toEqual(["one", "two", "three"]);
  });

  it("keeps bytes as they came, and goes on after a restart", async () => {
    const { store, directory } = await openStore();
    const bytes = Buffer.from([0xff, 0x00, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0x0a]);
    await store.append("j", bytes);
    await store.stop();
    const again = await openStore(directory);
    await again.store.append("j", Buffer.from("more"), bytes.length);
    await again.store.stop();
    expect(await readFile(join(directory, "j.log"))).toEqual(Buffer.concat([bytes, Buffer.from("more")]));
  });

  it("lets no id choose the file", async () => {
    const { store, directory } = await openStore();
    for (const id of ["UPPER", "a.b:c", "x".repeat(100)]) await store.append(id, Buffer.from(id));
    const names = (await readdir(directory)).filter((name) => name.endsWith(".log"));
    expect(names).toHaveLength(3);
    for (const name of names) expect(name).toMatch(/^~[0-9a-f]{64}\.log$/);
    expect((await store.read("UPPER", { lines: 1 })).lines).toEqual(["UPPER"]);
  });
});

describe("looking", () => {
  it("creates nothing for a job that never wrote", async () => {
    const { store, directory } = await openStore();
    expect(await store.read("none", { lines: 5 })).toMatchObject({ size: 0, lines: [] });
    expect((await followToEnd(store, "none", { lines: 5 })).frames).toEqual([
      { type: "log.end", data: { offset: 0, job_state: "ended" } },
    ]);
    await store.generation("none");
    expect(await readdir(directory)).toEqual([]);
  });

  it.each([
    { what: "the last lines", text: "a\nb\nc\n", lines: 2, expected: ["b", "c"], offset: 2 },
    { what: "fewer than asked for", text: "a\nb\n", lines: 9, expected: ["a", "b"], offset: 0 },
    { what: "Windows' line ends", text: "a\r\nb\r\n", lines: 9, expected: ["a", "b"], offset: 0 },
    {
      what: "an unfinished last line of a job that has ended",
      text: "a\nb",
      lines: 9,
      expected: ["a", "b"],
      offset: 0,
    },
    {
      what: "bytes that are no UTF-8",
      text: Buffer.from([0x61, 0xff, 0x0a]),
      lines: 1,
      expected: ["a\ufffd"],
      offset: 0,
    },
    { what: "a progress bar's rewrites as they are", text: "1%\r2%\n", lines: 1, expected: ["1%\r2%"], offset: 0 },
  ])("shows $what", async ({ text, lines, expected, offset }) => {
    const { store } = await openStore();
    await store.append("j", Buffer.from(text));
    expect(await store.read("j", { lines })).toMatchObject({ lines: expected, offset });
  });

  it("finds the last lines of a large log from its end", async () => {
    const { store, directory } = await openStore();
    const line = `${"x".repeat(99)}\n`;
    await writeFile(join(directory, "big.log"), `${line.repeat(100_000)}the last one\n`);
    expect((await store.read("big", { lines: 2 })).lines).toEqual(["x".repeat(99), "the last one"]);
  });

  it("gives a line that is too long in pieces, no character cut and none lost", async () => {
    const { store } = await openStore();
    const long = "é".repeat(MAX_LINE_BYTES);
    await store.append("j", Buffer.from(`${long}\nshort\n`));
    const { lines } = await followToEnd(store, "j", { offset: 0 });
    expect(lines.slice(0, -1).join("")).toBe(long);
    expect(lines.at(-1)).toBe("short");
    expect(lines.join("")).not.toContain("\ufffd");
  });
});

describe("following", () => {
  it("loses and doubles nothing, however the bytes come in", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom("a", "é", "\n", "🙂", " ") }), { maxLength: 30 }),
        async (chunks) => {
          const { store } = await openStore();
          store.reopen("j");
          const following = followToEnd(store, "j", { offset: 0 });
          const writing = (async () => {
            for (const chunk of chunks) await store.append("j", Buffer.from(chunk));
            store.end("j", "completed");
          })();
          const [{ lines, frames }] = await Promise.all([following, writing]);
          const whole = chunks.join("");
          const expected = whole.endsWith("\n") ? whole.slice(0, -1).split("\n") : whole.split("\n");
          expect(lines).toEqual(whole === "" ? [] : expected);
          expect(frames.at(-1)).toMatchObject({ type: "log.end", data: { job_state: "completed" } });
          await store.stop();
        },
      ),
      { numRuns: 60 },
    );
  });

  it("resumes at an offset, and says when the log is another one", async () => {
    const { store } = await openStore();
    await store.append("j", Buffer.from("one\ntwo\n"));
    store.end("j", "failed");
    const generation = await store.generation("j");
    expect((await followToEnd(store, "j", { offset: 4, generation })).lines).toEqual(["two"]);
    const other = await followToEnd(store, "j", { offset: 4, generation: "0123456789abcdef" });
    expect(other.frames[0]).toEqual({ type: "log.reset", data: { offset: 0 } });
    expect(other.lines).toEqual(["one", "two"]);
    expect((await followToEnd(store, "j", { offset: 999, generation })).frames[0]?.type).toBe("log.reset");
  });

  it("goes on when a job that has ended is started again, and ends when the store stops", async () => {
    const { store } = await openStore();
    await store.append("j", Buffer.from("first\n"));
    store.end("j", "completed");
    store.reopen("j");
    const following = followToEnd(store, "j", { offset: 0 });
    await store.append("j", Buffer.from("second\n"));
    await store.stop();
    const { frames, lines } = await following;
    expect(lines[0]).toBe("first");
    expect(frames.some(({ type }) => type === "log.end")).toBe(false);
  });
});

describe("a log that is removed and begun anew while it is followed", () => {
  it("is told as another one, and followed to its end", async () => {
    const { store } = await openStore();
    store.reopen("j");
    await store.append("j", Buffer.from("old one\nold two\n"));
    const frames: LogFrame[] = [];
    for await (const frame of store.follow("j", { offset: 0 }, new AbortController().signal)) {
      frames.push(frame);
      if (frames.length > 1) continue;
      // While the reader holds its first frame.
      await store.remove("j");
      await store.append("j", Buffer.from("new one\nnew two\nnew three\n"), 0);
      store.end("j", "completed");
    }
    expect(frames.map(({ type }) => type)).toEqual(["log.lines", "log.reset", "log.lines", "log.end"]);
    expect(frames.flatMap((frame) => (frame.type === "log.lines" ? frame.data.lines : []))).toEqual([
      "old one",
      "old two",
      "new one",
      "new two",
      "new three",
    ]);
    await store.stop();
  });

  it("keeps no append from before, and loses none from after", async () => {
    const { store, directory } = await openStore();
    await store.append("j", Buffer.from("before\n"));
    await Promise.all([
      store.append("j", Buffer.from("before as well\n")),
      store.remove("j"),
      store.append("j", Buffer.from("after\n"), 0),
      store.read("j", { lines: 5 }),
    ]);
    expect(await readFile(join(directory, "j.log"), "utf8")).toBe("after\n");
    expect((await store.read("j", { lines: 5 })).lines).toEqual(["after"]);
  });
});

describe("stopping", () => {
  it("ends readers in the middle of a large log without an error and without a false end", async () => {
    const { store, directory } = await openStore();
    await writeFile(join(directory, "j.log"), "some line of text\n".repeat(200_000));
    store.reopen("j");
    const reading = Array.from({ length: 4 }, () =>
      store.follow("j", { offset: 0 }, new AbortController().signal)[Symbol.asyncIterator](),
    );
    await Promise.all(reading.map((reader) => reader.next()));
    const rest = reading.map(async (reader) => {
      const types: string[] = [];
      for (let next = await reader.next(); !next.done; next = await reader.next()) types.push(next.value.type);
      return types;
    });
    await store.stop();
    for (const types of await Promise.all(rest)) expect(types.filter((type) => type !== "log.lines")).toEqual([]);
  });
});

describe("listing", () => {
  it("says of each log how old and how large it is, and whether its job runs", async () => {
    const { store, directory } = await openStore();
    for (const id of ["old", "New/1", "running"]) await store.append(id, Buffer.from("x\n"));
    const longAgo = new Date("2020-01-01T00:00:00Z");
    await utimes(join(directory, "old.log"), longAgo, longAgo);
    store.reopen("running");
    const listed = new Map((await store.list()).map((log) => [log.jobId, log]));
    expect([...listed.keys()].sort()).toEqual(["New/1", "old", "running"]);
    expect(listed.get("old")).toEqual({
      ...{ id: "old", jobId: "old", bytes: 2, isRunning: false },
      lastWriteMs: longAgo.getTime(),
    });
    expect(listed.get("running")?.isRunning).toBe(true);
    await store.removeListed("old");
    await store.removeListed("running");
    expect((await store.list()).map(({ jobId }) => jobId).sort()).toEqual(["New/1", "running"]);
  });
});
