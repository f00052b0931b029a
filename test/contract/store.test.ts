/** The store as its owner meets it: a real bridge, its commands, its files, and readers that are told what is gone. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { logFileName } from "../../bridge/logs/logFileName.ts";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import type { DiscoveryEntry } from "../../shared/protocol/discovery.ts";
import { startBridgeProcess, startTelevibe, televibe, temporaryFolder } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";
import { type RawFrame, readRawEventStream } from "../support/rawEventStream.ts";

const DAY = 86_400_000;
const ago = (days: number) => new Date(Date.now() - days * DAY).toISOString();

interface Facts {
  readonly project?: string;
  readonly session?: string;
  readonly job?: string;
  readonly days: number;
}

function event({ project = "shop", session = "main", job = "job-1", days }: Facts, index: number) {
  return {
    event_type: "job.progress",
    project_id: project,
    session_id: session,
    job_id: job,
    timestamp: ago(days),
    data: { message: `step ${index}`, filler: "x".repeat(200) },
  };
}

async function createWorld(args: readonly string[] = []) {
  const folder = await temporaryFolder();
  const dataDir = join(folder.path, "data");
  let bridge = await startBridgeProcess({ dataDir, args });
  const world = {
    dataDir,
    path: folder.path,
    get client() {
      return new BridgeClient(bridge.entry);
    },
    get entry() {
      return bridge.entry;
    },
    publish: async (facts: readonly Facts[]) => void (await world.client.publish(facts.map(event))),
    run: (...words: readonly string[]) => televibe(words, { dataDir, cwd: folder.path }),
    info: async () => JSON.parse((await world.run("store", "info", "--json")).stdout.toString()),
    stop: () => bridge.stop(),
    restart: async () => {
      await bridge.stop();
      bridge = await startBridgeProcess({ dataDir, args });
    },
    [Symbol.asyncDispose]: async () => {
      await bridge.kill();
      await folder[Symbol.asyncDispose]();
    },
  };
  return world;
}

async function untilCaughtUp(entry: DiscoveryEntry, path: string): Promise<readonly RawFrame[]> {
  const frames: RawFrame[] = [];
  const reading = new AbortController();
  await readRawEventStream({
    entry: () => entry,
    path,
    signal: reading.signal,
    onFrame: (frame) => {
      frames.push(frame);
      if (frame.event === "stream.caught_up") reading.abort();
    },
  });
  return frames;
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe("retention", () => {
  it("goes by project and pin, keeps a pinned session's log, and tells a reader who comes back", async () => {
    await using world = await createWorld();
    await world.publish([
      ...times(20, { days: 100, job: "old-job" }),
      ...times(20, { days: 100, session: "kept", job: "Kept.Job" }),
      ...times(20, { days: 10, project: "scratch", job: "scratch-job" }),
      ...times(20, { days: 10 }),
    ]);
    const places = {
      "old-job": {},
      "Kept.Job": { session: "kept" },
      "scratch-job": { project: "scratch" },
      "job-1": {},
    };
    for (const [job, place] of Object.entries(places)) {
      const days = job === "scratch-job" || job === "job-1" ? 10 : 100;
      await world.client.publish([{ ...event({ ...place, job, days }, 0), event_type: "job.completed", data: {} }]);
      await world.client.appendLog(job, Buffer.from("line\n"), 0);
      const written = new Date(ago(days));
      await utimes(join(world.dataDir, "logs", `${logFileName(job)}.log`), written, written);
    }
    expect((await world.run("pin", "kept")).stdout.toString()).toMatch(/Pinned shop \/ kept/);
    const changed = await world.run("store", "retention", "--project", "scratch", "--days", "3");
    expect(changed.stdout.toString()).toMatch(/for 30 days.*\n {2}scratch: for 3 days\n {2}pinned: shop \/ kept/);
    const logs = () =>
      readdirSync(join(world.dataDir, "logs"))
        .filter((name) => name.endsWith(".log"))
        .sort();
    const info = await eventually("a pass", async () => {
      const now = await world.info();
      return now.events === 42 && logs().length === 2 ? now : undefined;
    });
    expect(info).toMatchObject({ first_seq: 1, last_seq: 84, gaps: [], thinned: [{ from: 1, to: 83 }] });
    const events = await world.client.events({ limit: 1000 });
    expect(new Set(events.map(({ job_id }) => job_id))).toEqual(new Set(["Kept.Job", "job-1"]));
    expect(logs()).toEqual(["job-1.log", `${logFileName("Kept.Job")}.log`]);

    const page = await world.client.json<{ gap: object }>("GET", "/v1/events", { query: [["after", "5"]] });
    expect(page.gap).toEqual({ from: 6, to: 83, reason: "retention" });
    const frames = await untilCaughtUp(world.entry, "/v1/events/stream?after=5&project_id=shop");
    expect(frames.slice(0, 3)).toMatchObject([
      { event: "stream.opened", id: undefined },
      { event: "stream.gap", id: expect.stringMatching(/-5$/), data: '{"from":6,"to":83,"reason":"retention"}' },
      { event: "job.progress", id: expect.stringMatching(/-21$/) },
    ]);
    expect(frames.filter(({ event: type }) => type === "stream.gap")).toHaveLength(1);

    // Unpinned it goes as all else did, after a restart as well.
    await world.restart();
    await world.run("unpin", "kept");
    await eventually("the session to go", async () => (await world.info()).events === 21);
    await eventually("its log to go", () => logs().length === 1);
  });

  it("by size takes the oldest first, logs and events", async () => {
    await using world = await createWorld();
    for (const [index, job] of ["one", "two", "three"].entries()) {
      await world.client.appendLog(job, Buffer.alloc(15_000_000, "a line of a log\n"), 0);
      const written = new Date(ago(3 - index));
      await utimes(join(world.dataDir, "logs", `${job}.log`), written, written);
    }
    const changed = await world.run("store", "retention", "--max-size", "33MB");
    expect(changed.stdout.toString()).toMatch(/up to 33 MB in all/);
    const left = () =>
      readdirSync(join(world.dataDir, "logs"))
        .filter((name) => name.endsWith(".log"))
        .sort();
    await eventually("the oldest log to go", () => left().length === 2);
    expect(left()).toEqual(["three.log", "two.log"]);
  });

  it("by a file that is wrong removes nothing, and says where it is wrong until it is mended", async () => {
    await using world = await createWorld(["--retention-days", "5"]);
    const file = join(world.dataDir, "retention.json");
    writeFileSync(file, '{"days": "365"}');
    await world.restart();
    await world.publish(times(10, { days: 50 }));
    const shown = await world.run("store", "retention");
    expect(shown.code).toBe(1);
    expect(shown.stderr).toMatch(/retention\.json is wrong: \/days: must be a whole number of days/);
    const { status, warnings } = await world.client.health();
    expect([status, warnings.join()]).toEqual(["degraded", expect.stringMatching(/\/days.*nothing is removed/)]);
    const refused = await world.run("pin", "main", "--project", "shop");
    expect([refused.code, readFileSync(file, "utf8")]).toEqual([1, '{"days": "365"}']);
    await world.run("store", "compact");
    expect((await world.info()).events).toBe(10);
    writeFileSync(file, '{"days": 365}');
    expect((await world.run("store", "retention")).stdout.toString()).toMatch(/kept for 365 days/);
    await world.run("store", "compact");
    expect([(await world.info()).events, (await world.client.health()).warnings]).toEqual([10, []]);
  });

  it("takes sizes and days as people write them, and says what it does not understand", async () => {
    await using world = await createWorld();
    const settings = async (...args: readonly string[]) =>
      JSON.parse((await world.run("store", "retention", "--json", ...args)).stdout.toString()).settings;
    expect(await settings("--days", "forever", "--max-size", "2GiB")).toMatchObject({ days: null, max_bytes: 2 ** 31 });
    expect(await settings("--max-size", "none")).toMatchObject({ days: null, max_bytes: null });
    expect(await settings("--project", "a b", "--days", "1")).toMatchObject({ projects: { "a b": { days: 1 } } });
    expect(await settings("--project", "a b", "--days", "default")).toMatchObject({ projects: {} });
    for (const args of [
      ["--days", "0"],
      ["--max-size", "big"],
      ["--project", "a"],
      ["--days", "default"],
    ]) {
      expect((await world.run("store", "retention", ...args)).code, args.join(" ")).toBe(64);
    }
    const small = await world.run("store", "retention", "--max-size", "5kB");
    expect([small.code, small.stderr]).toEqual([1, expect.stringMatching(/max_bytes: must be at least 32000000/)]);
    expect((await world.run("pin", "nowhere")).stderr).toMatch(/There is no session "nowhere"/);
    expect((await world.run("unpin", "nowhere")).stderr).toMatch(/is not pinned/);
  });
});

describe("export and import", () => {
  it("give the same store on another machine, byte for byte, with what is gone from it", async () => {
    await using world = await createWorld();
    await world.publish([
      ...times(300, { days: 100 }),
      ...times(100, { days: 100, session: "kept" }),
      ...times(400, { days: 1, project: "other" }),
    ]);
    await world.run("pin", "kept");
    await world.run("store", "compact");
    const first = join(world.path, "first.ndjson");
    const done = await world.run("store", "export", first);
    expect([done.code, done.stderr]).toEqual([0, expect.stringMatching(/Exported to .*first\.ndjson/)]);
    expect(statSync(first).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(first, "utf8").split("\n")[0] ?? "")).toMatchObject({
      last_seq: 800,
      thinned: [{ from: 1, to: 300 }],
    });

    const other = { dataDir: join(world.path, "other") };
    const imported = await televibe(["store", "import", first], other);
    expect(imported.stdout.toString()).toMatch(/Imported 500 events, up to seq 800/);
    await using copy = await startBridgeProcess(other);
    const client = new BridgeClient(copy.entry);
    const again = await televibe(["store", "export", "--ndjson"], other);
    expect(again.stdout.equals(readFileSync(first))).toBe(true);
    expect(await client.state()).toEqual(await world.client.state());
    for (const query of [
      { project_id: ["other"] },
      { order: "desc" as const, limit: 20 },
      { after: 50, limit: 1000 },
    ]) {
      expect(await client.eventsPage(query)).toEqual(await world.client.eventsPage(query));
    }
    expect((await televibe(["store", "verify"], other)).code).toBe(0);
    expect((await client.health()).warnings).toEqual([]);
  });

  it("is refused beside a bridge, over a store, and for anything that is no whole export", async () => {
    await using world = await createWorld();
    await world.publish(times(10, { days: 1 }));
    const file = join(world.path, "export.ndjson");
    await world.run("store", "export", file);
    const beside = await world.run("store", "import", file);
    expect([beside.code, beside.stderr]).toEqual([1, expect.stringMatching(/A bridge runs.*televibe stop/)]);
    await world.stop();
    const over = await world.run("store", "import", file);
    expect([over.code, over.stderr]).toEqual([1, expect.stringMatching(/There are events in .* already/)]);

    const target = { dataDir: join(world.path, "target") };
    const torn = join(world.path, "torn.ndjson");
    const text = readFileSync(file, "utf8");
    for (const [what, content] of [
      ["torn", text.slice(0, text.length / 2)],
      ["altered", text.replace("step 3", "step 4")],
    ]) {
      writeFileSync(torn, content ?? "");
      const refused = await televibe(["store", "import", torn], target);
      expect([refused.code, refused.stderr], what).toEqual([1, expect.stringMatching(/no complete export/)]);
      expect(existsSync(join(target.dataDir, "store")), what).toBe(false);
      expect(
        readdirSync(target.dataDir).filter((name) => name.startsWith("store")),
        what,
      ).toEqual([]);
    }
    expect((await televibe(["store", "import", join(world.path, "nothing")], target)).stderr).toMatch(
      /nothing cannot be read/,
    );
    const piped = await televibe(["store", "import", "-"], { ...target, input: text });
    expect(piped.stdout.toString()).toMatch(/Imported 10 events/);
  });

  it("leave no file behind when the bridge dies in the middle", async () => {
    await using world = await createWorld();
    await world.publish(times(1000, { days: 1 }));
    const file = join(world.path, "export.ndjson");
    const slow = startTelevibe(["store", "export"], { dataDir: world.dataDir });
    await slow.result;
    // Killed at once: whatever there was of it by then has no end.
    const exporting = world.run("store", "export", file);
    await world.stop();
    const { code } = await exporting;
    if (code !== 0) expect(existsSync(file)).toBe(false);
    else expect(readFileSync(file, "utf8")).toContain("televibe_export_end");
    expect(existsSync(`${file}.partial`)).toBe(false);
  });
});

describe("verify and info", () => {
  it("find a damaged partition, and say where", async () => {
    await using world = await createWorld();
    await world.publish(times(500, { days: 1 }));
    const file = join(world.path, "export.ndjson");
    await world.run("store", "export", file);
    const other = { dataDir: join(world.path, "other") };
    await televibe(["store", "import", file], other);
    const partitions = join(other.dataDir, "store/partitions");
    const name = readdirSync(partitions).find((each) => each.endsWith(".sqlite")) ?? "";
    await using _bridge = await startBridgeProcess(other);
    const whole = await televibe(["store", "verify"], other);
    expect([whole.code, whole.stdout.toString()]).toEqual([0, "✓ 500 events in 2 parts: nothing is wrong\n"]);
    const bytes = readFileSync(join(partitions, name));
    bytes[50_000] = (bytes[50_000] ?? 0) ^ 4;
    writeFileSync(join(partitions, name), bytes);
    const damaged = await televibe(["store", "verify"], other);
    expect(damaged.code).toBe(1);
    expect(damaged.stdout.toString()).toMatch(
      /✗ the partition from 1 to 500: its file is not what was written\n✗ .*: one problem\n/,
    );
    expect(
      createHash("sha256")
        .update(readFileSync(join(partitions, name)))
        .digest("hex"),
    ).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect((await televibe(["store", "info"], other)).stdout.toString()).toMatch(/Events +500, seq 1 to 500\n/);
  });
});
