import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { WriterThread } from "../../../../bridge/store/journal/writerThread.ts";

const home = mkdtempSync(join(tmpdir(), "televibe-writer-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

function openFile(name: string) {
  const path = join(home, name);
  const file = openSync(path, "w+");
  return { file, content: () => readFileSync(path), [Symbol.dispose]: () => closeSync(file) };
}

describe("the journal's thread", () => {
  it("has written what was asked for before a sync when the sync is done, also with nobody waiting for the writes", async () => {
    using target = openFile("order");
    const thread = new WriterThread();
    void thread.write(target.file, Buffer.from("one "), 0);
    void thread.write(target.file, Buffer.from("two "), 4);
    await thread.sync(target.file);
    expect(target.content().toString()).toBe("one two ");
    await Promise.all([thread.write(target.file, Buffer.from("three"), 8), thread.sync(target.file)]);
    expect(target.content().toString()).toBe("one two three");
    await thread.stop();
  });

  it("writes what is longer than its memory, each byte in its place", async () => {
    using target = openFile("long");
    const thread = new WriterThread();
    const bytes = Buffer.from(Uint32Array.from({ length: 300_000 }, (_, index) => index).buffer);
    await Promise.all([thread.write(target.file, bytes, 3), thread.sync(target.file)]);
    expect(target.content().subarray(3).equals(bytes)).toBe(true);
    await thread.stop();
  });

  it("rejects a failed write, and the sync that would stand for it, with what the system says; and goes on", async () => {
    using target = openFile("failing");
    const thread = new WriterThread();
    const [written, synced] = await Promise.allSettled([thread.write(-1, Buffer.from("x"), 0), thread.sync(-1)]);
    expect([written, synced]).toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
    const closed = openSync(join(home, "closed"), "w");
    closeSync(closed);
    await expect(thread.write(closed, Buffer.from("x"), 0)).rejects.toMatchObject({ code: "EBADF", syscall: "write" });
    await expect(thread.sync(closed)).rejects.toMatchObject({ code: "EBADF", syscall: "fdatasync" });
    await thread.write(target.file, Buffer.from("x"), 0);
    expect(target.content().toString()).toBe("x");
    await thread.stop();
  });

  it("does what it was asked for before it stops, and nothing after", async () => {
    using target = openFile("stopped");
    const thread = new WriterThread();
    const written = thread.write(target.file, Buffer.from("last"), 0);
    const stopped = thread.stop();
    await expect(thread.write(target.file, Buffer.from("late"), 0)).rejects.toThrow("stopping");
    await Promise.all([written, stopped]);
    expect(target.content().toString()).toBe("last");
    await thread.stop();
  });
});
