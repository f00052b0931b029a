import { spawnSync } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { deliverSpools } from "../../../bridge/cli/spool/deliverSpools.ts";
import { processStart } from "../../../bridge/cli/spool/processIdentity.ts";
import { formatRecord, type SpoolRecord } from "../../../bridge/cli/spool/spoolRecord.ts";
import type { EventInput } from "../../../shared/events/event.ts";
import { problem } from "../../../shared/protocol/problem.ts";
import { temporaryFolder } from "../../support/bridgeProcess.ts";

/** A process that was there and is gone. */
const GONE = spawnSync(process.execPath, ["-e", ""]).pid;

const owner = (pid: number, process_start: string | null = null): SpoolRecord => ({
  kind: "owner",
  job_id: "j1",
  project_id: "shop",
  session_id: "main",
  pid,
  process_start,
});
const event = (event_type: string, event_id = event_type): SpoolRecord => ({
  kind: "event",
  event: { event_id, event_type, project_id: "shop", session_id: "main", job_id: "j1", data: {} },
});
const log = (offset: number, text: string): SpoolRecord => ({
  kind: "log",
  offset,
  data: Buffer.from(text).toString("base64"),
});

/** A bridge that takes everything, apart from what `refuse` throws on. */
function createTarget(refuse: (event: EventInput) => void = () => undefined) {
  const told: string[] = [];
  const events: EventInput[] = [];
  const refused: string[] = [];
  return {
    told,
    events,
    refused,
    publish: async (batch: readonly EventInput[]) => {
      for (const each of batch) refuse(each);
      events.push(...batch);
      told.push(...batch.map(({ event_type }) => event_type));
    },
    appendLog: async (jobId: string, bytes: Uint8Array, offset: number) => {
      told.push(`${jobId}@${offset}: ${Buffer.from(bytes).toString()}`);
    },
    onRefused: ({ code }: { readonly code: string }) => void refused.push(code),
    signal: new AbortController().signal,
  };
}

async function write(directory: string, records: readonly SpoolRecord[], torn = ""): Promise<void> {
  await writeFile(join(directory, "j1.spool"), records.map(formatRecord).join("") + torn);
}

describe("deliverSpools", () => {
  it("delivers in order, output in one piece where nothing came between, and removes the spool", async () => {
    await using folder = await temporaryFolder();
    const records = [event("job.started"), log(0, "a"), log(1, "b"), event("job.progress"), log(2, "c")];
    await write(folder.path, [owner(GONE), ...records, event("job.completed")]);
    const target = createTarget();
    expect(await deliverSpools({ directory: folder.path, ...target })).toBe(1);
    expect(target.told).toEqual(["job.started", "j1@0: ab", "job.progress", "j1@2: c", "job.completed"]);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("is content without a folder", async () => {
    expect(await deliverSpools({ directory: "/nowhere/spool", ...createTarget() })).toBe(0);
  });

  it("leaves the spool of a process that lives to it", async () => {
    await using folder = await temporaryFolder();
    await write(folder.path, [owner(process.pid, processStart(process.pid)), event("job.started")]);
    const target = createTarget();
    expect(await deliverSpools({ directory: folder.path, ...target })).toBe(0);
    expect(target.told).toEqual([]);
    expect(await readdir(folder.path)).toEqual(["j1.spool"]);
  });

  it.runIf(process.platform === "linux")("tells a process from an earlier one that had its id", async () => {
    await using folder = await temporaryFolder();
    await write(folder.path, [owner(process.pid, "another boot 1"), event("job.completed")]);
    const target = createTarget();
    expect(await deliverSpools({ directory: folder.path, ...target })).toBe(1);
  });

  it("delivers up to a torn last line, and passes over a damaged one", async () => {
    await using folder = await temporaryFolder();
    const damaged = `${formatRecord(owner(GONE))}not json\n{"kind":"log"}\n${formatRecord(event("job.completed"))}`;
    await writeFile(join(folder.path, "j1.spool"), `${damaged}{"kind":"event","eve`);
    const target = createTarget();
    expect(await deliverSpools({ directory: folder.path, ...target })).toBe(1);
    expect(target.told).toEqual(["job.completed"]);
  });

  it("removes a spool that was cut off in its first line", async () => {
    await using folder = await temporaryFolder();
    await write(folder.path, [], '{"kind":"ow');
    expect(await deliverSpools({ directory: folder.path, ...createTarget() })).toBe(1);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("says how a job ended whose runner did not, each time as the same event", async () => {
    const ends: EventInput[] = [];
    for (let round = 0; round < 2; round += 1) {
      await using folder = await temporaryFolder();
      await write(folder.path, [owner(GONE), event("job.started"), event("session.created")]);
      const target = createTarget();
      await deliverSpools({ directory: folder.path, ...target });
      ends.push(...target.events.slice(-1));
    }
    const expected = { event_type: "job.failed", project_id: "shop", session_id: "main", job_id: "j1" };
    expect(ends[0]).toMatchObject(expected);
    expect(ends[1]?.event_id).toBe(ends[0]?.event_id);
  });

  it("drops what is refused for good, alone out of its batch, and tells of it", async () => {
    await using folder = await temporaryFolder();
    await write(folder.path, [owner(GONE), event("job.started"), event("job.progress"), event("job.completed")]);
    const target = createTarget(({ event_type }) => {
      if (event_type === "job.progress") throw problem("invalid_event", "No.");
    });
    expect(await deliverSpools({ directory: folder.path, ...target })).toBe(1);
    expect(target.told).toEqual(["job.started", "job.completed"]);
    expect(target.refused).toEqual(["invalid_event"]);
  });

  it("keeps everything while the bridge cannot take it", async () => {
    await using folder = await temporaryFolder();
    await write(folder.path, [owner(GONE), event("job.started"), event("job.completed")]);
    const target = createTarget(() => {
      throw problem("store_unavailable", "The disk is full.");
    });
    await expect(deliverSpools({ directory: folder.path, ...target })).rejects.toThrow("The disk is full.");
    expect(await readdir(folder.path)).toEqual(["j1.spool"]);
    expect(await deliverSpools({ directory: folder.path, ...createTarget() })).toBe(1);
  });
});
