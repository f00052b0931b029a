/** The parts of the Redis bus that can be tried without a Redis. */
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { v7 } from "uuid";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mergeStreams } from "../../../bridge/bus/redis/orderedReader.ts";
import { OutboxFile } from "../../../bridge/bus/redis/outboxFile.ts";
import { PendingPublishes } from "../../../bridge/bus/redis/pendingPublishes.ts";
import {
  comparePositions,
  formatBusCursor,
  parseBusCursor,
  parsePosition,
} from "../../../bridge/bus/redis/position.ts";
import { createLogger } from "../../../bridge/diagnostics/logger.ts";
import { problem } from "../../../shared/protocol/problem.ts";
import { event, progress } from "./busEvents.ts";
import { messages } from "./node.ts";

describe("mergeStreams", () => {
  const page = (...ids: string[]) => ids.map((id): [string, string, string] => [id, `{"of":"${id}"}`, ""]);
  const merged = (streams: [string, string, string][][], pageEntries: number) => {
    const { entries, isComplete } = mergeStreams(streams, pageEntries);
    return { ids: entries.map(({ position: { ms, n } }) => `${ms}-${n}`), isComplete };
  };

  it.each([
    ["nothing", [], [], true],
    ["one stream", [page("1-1", "1-2")], ["1-1", "1-2"], true],
    ["by time, then by number", [page("1-1", "9-4"), page("1-2", "10-5")], ["1-1", "1-2", "9-4", "10-5"], true],
    // What the full page's stream has next could be 3-3, before 4-4.
    ["no further than a full page", [page("1-1", "2-2", "2-3"), page("4-4")], ["1-1", "2-2", "2-3"], false],
    [
      "no further than the earliest of full pages",
      [page("1-1", "5-5", "6-6"), page("2-2", "3-3", "4-4")],
      ["1-1", "2-2", "3-3", "4-4"],
      false,
    ],
    ["what is no position left out", [page("x", "1-1")], ["1-1"], true],
  ])("takes %s", (_what, streams, ids, isComplete) => {
    expect(merged(streams, 3)).toEqual({ ids, isComplete });
  });
});

describe("A position", () => {
  it.each(["", "1", "1-", "-1", "1-1-1", "a-1", "1-b", "1.5-1", " 1-1", "1-1\n"])("is not %j", (text) => {
    expect(parsePosition(text)).toBeUndefined();
  });

  it("is compared by time, then by number", () => {
    const sorted = ["10-3", "9-4", "9-5"].flatMap((id) => parsePosition(id) ?? []).sort(comparePositions);
    expect(sorted.map(({ ms, n }) => `${ms}-${n}`)).toEqual(["9-4", "9-5", "10-3"]);
  });

  it("is kept with its epoch", () => {
    const cursor = { epoch: "00ff", ms: 1_795_000_000_000, n: 7 };
    expect(parseBusCursor(formatBusCursor(cursor))).toEqual(cursor);
    for (const text of [undefined, "", "abc", "abc/", "abc/1"]) expect(parseBusCursor(text)).toBeUndefined();
  });
});

describe("PendingPublishes", () => {
  it("answers each publisher of the same event by itself", async () => {
    const pending = new PendingPublishes("a");
    const one = event("job.queued");
    const [first, second] = [pending.expect(one), pending.expect(one)];
    pending.settle(first.token, { kind: "stored", seq: 1, duplicate: false });
    pending.settle("a:99", { kind: "stored", seq: 9, duplicate: false });
    expect(await first.settled).toMatchObject({ seq: 1 });
    expect(pending.size).toBe(1);
    pending.settleAll(problem("stopping", "Stopping."));
    expect(await second.settled).toMatchObject({ code: "stopping" });
    pending.expect(one).forget();
    expect(pending.takeAll()).toEqual([]);
  });
});

describe("The outbox", () => {
  let folder: string;
  const logLines: string[] = [];
  const log = createLogger({ write: (line) => logLines.push(line), nowMs: Date.now });
  beforeEach(async () => {
    logLines.length = 0;
    folder = await mkdtemp(join(tmpdir(), "tv-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const path = () => join(folder, "outbox.ndjson");
  async function open(): Promise<OutboxFile> {
    const defaults = { newEventId: v7, nowMs: Date.now, source: { component: "test", instance_id: "1" } };
    const outbox = new OutboxFile({ path: path(), defaults, log });
    await outbox.open();
    return outbox;
  }
  async function waiting(): Promise<unknown[]> {
    const outbox = await open();
    const events = [];
    for (; outbox.first !== undefined; await outbox.shift()) events.push(outbox.first);
    await outbox.close();
    return messages(events);
  }
  async function filled(from: number, to: number): Promise<void> {
    const outbox = await open();
    await Promise.all(progress(from, to).map((one) => outbox.append([one])));
    await outbox.close();
  }

  it("keeps events in order, for their owner only, until they are taken", async () => {
    await filled(1, 3);
    await filled(4, 5);
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    expect(await waiting()).toEqual(["1", "2", "3", "4", "5"]);
    expect(await readFile(path(), "utf8")).toBe("");
  });

  it("drops a line that a crash cut off, and writes over it", async () => {
    await filled(1, 2);
    await appendFile(path(), '00000000 {"event_id":"');
    await filled(3, 3);
    expect(await waiting()).toEqual(["1", "2", "3"]);
    expect(logLines).toEqual([]);
  });

  it("leaves a damaged line out, and says so", async () => {
    await filled(1, 3);
    const text = await readFile(path(), "utf8");
    await writeFile(path(), text.replace('"message":"2"', '"message":"7"'));
    expect(await waiting()).toEqual(["1", "3"]);
    expect(logLines.join("")).toContain("damaged");
  });

  it("is not written once it is closed", async () => {
    const outbox = await open();
    await outbox.close();
    await expect(outbox.append(progress(1, 1))).rejects.toThrow("is not open");
  });
});
