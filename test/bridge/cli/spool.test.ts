import { readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { OutputRecorder } from "../../../bridge/cli/run/outputRecorder.ts";
import { Spool } from "../../../bridge/cli/spool/spool.ts";
import type { SpoolOwner, SpoolRecord } from "../../../bridge/cli/spool/spoolRecord.ts";
import { temporaryFolder } from "../../support/bridgeProcess.ts";
import { eventually } from "../../support/eventually.ts";

const OWNER: SpoolOwner = { job_id: "j1", project_id: "shop", session_id: "main", pid: 1, process_start: null };

const log = (offset: number, text: string): SpoolRecord => ({
  kind: "log",
  offset,
  data: Buffer.from(text).toString("base64"),
});
const event = (id: number): SpoolRecord => ({
  kind: "event",
  event: { event_id: String(id), event_type: "job.progress", project_id: "shop", job_id: "j1", data: {} },
});
/** Whoever wants to stop waiting; nobody does here. */
const never = new AbortController().signal;

describe("a spool", () => {
  it("gives what it took, in order, behind its owner, and is gone when all of it was taken", async () => {
    await using folder = await temporaryFolder();
    const spool = new Spool(join(folder.path, "spool", "j1.spool"), OWNER);
    const taken: SpoolRecord[] = [];
    const draining = spool.drain(async (records) => void taken.push(...records), never);
    const given = Array.from({ length: 500 }, (_, index) => (index % 3 === 0 ? event(index) : log(index, `${index}`)));
    for (const record of given) spool.add(record);
    spool.end();
    await draining;
    expect(taken).toEqual([{ kind: "owner", ...OWNER }, ...given]);
    expect(spool.isDrained).toBe(true);
    await spool.close();
    expect(await readdir(join(folder.path, "spool"))).toEqual([]);
  });

  it("gives again what was not taken, and keeps what never is", async () => {
    await using folder = await temporaryFolder();
    const spool = new Spool(join(folder.path, "j1.spool"), OWNER);
    spool.add(event(1));
    spool.add(event(2));
    const away = new Error("away");
    await expect(spool.drain(() => Promise.reject(away), never)).rejects.toBe(away);
    const taken: SpoolRecord[] = [];
    spool.end();
    await spool.drain(async (records) => void taken.push(...records), never);
    expect(taken.slice(1)).toEqual([event(1), event(2)]);
    await spool.close();

    const other = new Spool(join(folder.path, "j2.spool"), OWNER);
    other.add(event(3));
    await other.close();
    expect(other.isDrained).toBe(false);
    expect(await readFile(join(folder.path, "j2.spool"), "utf8")).toContain('"event_id":"3"');
  });

  it("gives a record that is longer than a piece", async () => {
    await using folder = await temporaryFolder();
    const spool = new Spool(join(folder.path, "j1.spool"), OWNER);
    const long = log(0, "x".repeat(1_500_000));
    spool.add(long);
    spool.add(event(1));
    spool.end();
    const taken: SpoolRecord[] = [];
    await spool.drain(async (records) => void taken.push(...records), never);
    await spool.close();
    expect(taken.slice(1)).toEqual([long, event(1)]);
  });

  it("begins anew once a lot was taken, so that a long job does not fill the disk", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "j1.spool");
    const spool = new Spool(path, OWNER, { maxDeliveredBytes: 10_000 });
    const taken: SpoolRecord[] = [];
    const draining = spool.drain(async (records) => void taken.push(...records), never);
    const given = Array.from({ length: 50 }, (_, index) => log(index, "x".repeat(1000)));
    for (const record of given) {
      spool.add(record);
      await eventually("it to be taken", () => spool.isDrained);
    }
    expect((await stat(path)).size).toBeLessThan(20_000);
    expect(await readFile(path, "utf8")).toMatch(/^\{"kind":"owner"/);
    spool.end();
    await draining;
    expect(taken.slice(1)).toEqual(given);
    await spool.close();
  });

  it("shows by its time until when its owner was there, also while that has nothing to tell", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "j1.spool");
    const spool = new Spool(path, OWNER);
    await eventually("the file", async () => (await readdir(folder.path)).length > 0);
    const longAgo = new Date("2020-01-01T00:00:00Z");
    await utimes(path, longAgo, longAgo);
    await eventually("a sign of life", async () => {
      spool.touch();
      return (await stat(path)).mtimeMs > longAgo.getTime();
    });
    await spool.close();
    spool.touch();
  });

  it("gives up for itself alone where there is no disk", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "file"), "");
    const spool = new Spool(join(folder.path, "file", "j1.spool"), OWNER);
    spool.add(event(1));
    spool.end();
    await spool.drain(async () => undefined, never);
    await spool.close();
    expect(spool.problem?.message).toMatch(/ENOTDIR|EEXIST/);
    expect(spool.isDrained).toBe(false);
  });
});

describe("the recorder of output", () => {
  it("leaves out what no bridge took for too long, and says so where it is missing", () => {
    const noted: { offset: number; text: string }[] = [];
    const spool = {
      backlogBytes: 0,
      add: (record: SpoolRecord) => {
        if (record.kind === "log")
          noted.push({ offset: record.offset, text: Buffer.from(record.data, "base64").toString() });
      },
    };
    const recorder = new OutputRecorder(spool, 100);
    recorder.take(Buffer.from("one\n"));
    spool.backlogBytes = 101;
    recorder.take(Buffer.from("two\n"));
    recorder.take(Buffer.from("three\n"));
    spool.backlogBytes = 0;
    recorder.take(Buffer.from("four\n"));
    recorder.end();
    expect(noted.map(({ text }) => text).join("")).toMatch(/^one\n\n\[televibe: 10 bytes .* missing .*\]\nfour\n$/);
    // Without a gap: the bridge takes no other.
    let offset = 0;
    for (const each of noted) {
      expect(each.offset).toBe(offset);
      offset += each.text.length;
    }
  });
});
