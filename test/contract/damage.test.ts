/** What a user notices of a disk that is full, damaged, or wanted by two: sentences, and everything else going on. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { v7 as newEventId } from "uuid";
import { expect, it } from "vitest";
import { EXIT_ALREADY_RUNNING } from "../../shared/client/startBridge.ts";
import type { Health } from "../../shared/protocol/health.ts";
import { HistoryRecorder } from "../bench/durability/historyRecorder.ts";
import { KilledBridge } from "../bench/durability/killedBridge.ts";
import { temporaryFolder } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";

const TOKEN = "a-token-of-the-damage-tests-and-of-nothing-else";
const FILLER_BYTES = 64 * 1024;
const canMount = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function start(dataDir: string, args: readonly string[] = [], around: readonly string[] = []) {
  const bridge = new KilledBridge(dataDir, TOKEN, args, around);
  await eventually("the bridge is ready", () => {
    if (bridge.hasEnded) throw new Error(`The bridge ended: ${bridge.output}`);
    return bridge.address;
  });
  const ask = async (path: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${bridge.address}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const numbers = async () => {
    const { body } = await ask("/v1/events?order=asc&limit=1000");
    return Array.isArray(body["events"]) ? body["events"].map((event) => Number(event.data.number)) : [];
  };
  return { bridge, ask, numbers };
}

const eventOf = (number: number, text = "") => ({
  event_id: newEventId(),
  event_type: "job.progress",
  timestamp: new Date().toISOString(),
  source: { component: "damage", instance_id: "test" },
  project_id: "damage",
  job_id: "job",
  data: { message: `step ${number}`, number, text },
});

it.runIf(canMount)(
  "refuses events while the disk is full, reads on, and goes on by itself when there is room",
  async () => {
    await using folder = await temporaryFolder();
    const dataDir = join(folder.path, "d");
    await mkdir(dataDir);
    // A disk of its own, which only the bridge sees.
    const around = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=3m none "$0" && exec "$@"', dataDir];
    const { bridge, ask, numbers } = await start(dataDir, ["--partition-events", "40"], around);
    try {
      const disk = `/proc/${bridge.pid}/root${dataDir}`;
      const filler = join(disk, "filler");
      const acknowledged: number[] = [];
      const publish = async (number: number) => {
        const answer = await ask("/v1/events", eventOf(number, "x".repeat(2000)));
        if (answer.status < 300) acknowledged.push(number);
        return answer;
      };
      for (let number = 1; number <= 30; number++) expect((await publish(number)).status).toBeLessThan(300);
      fill(filler);
      let number = 31;
      let refusal = await publish(number);
      while (refusal.status < 300) refusal = await publish(++number);
      expect(refusal).toMatchObject({ status: 507, body: { code: "store_unavailable" } });
      expect(refusal.body["detail"]).toMatch(/disk .* is full: nothing of this was stored\. Free some space/);

      expect(await numbers()).toEqual(acknowledged);
      expect((await ask("/readyz")).status).toBe(503);
      const full = await ask("/healthz");
      expect([full.status, full.body["status"]]).toEqual([200, "degraded"]);
      expect(JSON.stringify(full.body["warnings"])).toMatch(/disk is full/);

      rmSync(filler);
      expect((await publish(++number)).status).toBeLessThan(300);
      expect((await ask("/readyz")).status).toBe(200);
      expect(await numbers()).toEqual(acknowledged);
      expect(await bridge.end("SIGTERM")).toBe(0);
    } finally {
      await bridge.end("SIGKILL");
    }
  },
);

/** Writes until nothing more fits. */
function fill(path: string): void {
  for (let bytes = FILLER_BYTES; bytes >= 1; bytes = Math.floor(bytes / 2)) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(bytes), { flag: "a" });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
    }
  }
}

it("sets a damaged part aside, tells everybody who asks for it, and goes on", async () => {
  await using folder = await temporaryFolder();
  const dataDir = join(folder.path, "d");
  const args = ["--partition-events", "10"];
  const partitions = join(dataDir, "store/partitions");
  const first = await start(dataDir, args);
  for (let number = 1; number <= 25; number++) await first.ask("/v1/events", eventOf(number));
  const sealed = await eventually("two parts are sealed", () => {
    const names = readdirSync(partitions).filter((name) => name.endsWith(".sqlite"));
    return names.length === 2 && readdirSync(join(dataDir, "store/journal")).length === 1 ? names.sort() : undefined;
  });
  await first.bridge.end("SIGTERM");

  const file = join(partitions, sealed[0] ?? "");
  const bytes = readFileSync(file);
  for (let at = bytes.indexOf('"number":7'); at !== -1; at = bytes.indexOf('"number":7', at + 1)) {
    // One bit: an 8 could not be told from a true one.
    bytes[at + 9] = 0x37 ^ 0x04;
  }
  writeFileSync(file, bytes);

  const { bridge, ask, numbers } = await start(dataDir, args);
  const ending = new AbortController();
  const address = () => bridge.address;
  const recorder = new HistoryRecorder({ reader: "r", filter: "", address, token: TOKEN, signal: ending.signal });
  const reading = recorder.run();
  try {
    const others = Array.from({ length: 25 }, (_, index) => index + 1).filter((number) => number !== 7);
    expect(await numbers()).toEqual(others);
    const { status, body } = await ask("/healthz");
    const health: Partial<Health> = body;
    expect([status, health.status]).toEqual([200, "degraded"]);
    expect(health.warnings?.join()).toMatch(/damaged.*One event is lost \(seq 7\).*\.damaged/);
    expect(bridge.output).toMatch(/damaged/);
    expect(readdirSync(partitions)).toContain(`${sealed[0]}.damaged`);
    expect((await ask("/v1/events", eventOf(26))).status).toBeLessThan(300);

    await eventually("the reader is there", () => recorder.lastSeq >= 26);
    expect(recorder.entries).toContainEqual({ kind: "gap", from: 7, to: 7, reason: "corrupt" });
    const seen = recorder.entries.flatMap((entry) => (entry.kind === "event" ? [entry.seq] : []));
    expect(seen).toEqual([...others, 26]);
  } finally {
    ending.abort();
    await reading;
    await bridge.end("SIGKILL");
  }
});

it("refuses a data directory that another bridge has, and files of a newer version, and says so", async () => {
  await using folder = await temporaryFolder();
  const dataDir = join(folder.path, "d");
  const first = await start(dataDir);
  await first.ask("/v1/events", eventOf(1));
  const second = new KilledBridge(dataDir, TOKEN, []);
  await eventually("the second one gives up", () => second.hasEnded);
  expect(await second.end("SIGKILL")).toBe(EXIT_ALREADY_RUNNING);
  expect(second.output).toMatch(/A bridge runs already .*Use that one, or stop it first/);
  expect(await first.numbers()).toEqual([1]);
  await first.bridge.end("SIGTERM");

  const meta = join(dataDir, "store/meta.json");
  const text = readFileSync(meta, "utf8");
  writeFileSync(meta, JSON.stringify({ format: 99 }));
  const older = new KilledBridge(dataDir, TOKEN, []);
  await eventually("the older one gives up", () => older.hasEnded);
  expect(await older.end("SIGKILL")).not.toBe(0);
  expect(older.output).toMatch(/written by a newer Televibe \(store format 99.*Update Televibe/);
  expect(readFileSync(meta, "utf8")).toContain("99");

  writeFileSync(meta, text);
  const again = await start(dataDir);
  expect(await again.numbers()).toEqual([1]);
  await again.bridge.end("SIGTERM");
});
