/** The Redis bus on a real redis-server: all that every bus does, and what several bridges and a failing Redis add. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "@redis/client";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RedisBus } from "../../../bridge/bus/redis/redisBus.ts";
import { RedisUrlError } from "../../../bridge/bus/redis/redisLink.ts";
import type { EventStore } from "../../../bridge/store/eventStore.ts";
import type { PublishResult } from "../../../shared/protocol/publish.ts";
import { eventually } from "../../support/eventually.ts";
import { type RedisServer, startRedisServer } from "../../support/redisServer.ts";
import { useStores } from "../store/storeFixture.ts";
import { answer, event, progress, question } from "./busEvents.ts";
import { codes, describeBus } from "./conformance.ts";
import { ids, messages, type Node, startNode, stored } from "./node.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedisServer();
});
afterAll(() => redis[Symbol.asyncDispose]());

interface Limits {
  readonly maxStreamEntries?: number;
}

interface Bridge extends Node {
  readonly outboxFile: string;
  readonly folder: string;
}

describeBus("The Redis bus", () => {
  const { startBridge, stores } = useBridges();
  const folders = new Map<string, string>();
  return {
    start: async () => {
      await command(redis, (client) => client.flushAll());
      const bridge = await startBridge(redis.url);
      folders.set(bridge.store.epoch, bridge.folder);
      return bridge;
    },
    reopenStore: async ({ store }) => {
      await store.stop();
      return stores.start(folders.get(store.epoch) ?? "");
    },
  };
});

describe("Two bridges on one Redis", () => {
  const { startBridge, restart } = useBridges();

  it("store the events of both, once and in one order", async () => {
    await using server = await startRedisServer();
    await using left = await startBridge(server.url);
    await using right = await startBridge(server.url);
    const results = await Promise.all(
      Array.from({ length: 60 }, (_, index) => {
        const { bus } = index % 2 === 0 ? left : right;
        return bus.publish(progress(index * 5, index * 5 + 4, { project: `project-${index % 7}` }));
      }),
    );
    expect(results.flat().every(({ seq, duplicate }) => seq !== null && !duplicate)).toBe(true);
    await sameEverywhere([left, right], 300);
    expect(ids(left.seen)).toEqual(ids(await stored(left.store)));
    expect(ids(right.seen)).toEqual(ids(await stored(right.store)));
  });

  it("know an event again that was published on the other", async () => {
    await using server = await startRedisServer();
    await using left = await startBridge(server.url);
    await using right = await startBridge(server.url);
    const [one] = progress(1, 1);
    if (one === undefined) throw new Error("No event");
    const other = { ...one, project_id: "elsewhere" };
    expect(codes(await left.bus.publish([one]))).toEqual([1]);
    expect(await right.bus.publish([one])).toMatchObject([{ seq: 1, duplicate: true }]);
    expect(codes(await right.bus.publish([other]))).toEqual(["event_id_conflict"]);
    await left.bus.publish(progress(2, 2));
    await sameEverywhere([left, right], 2);
  });

  it("decide an approval that was asked on one on the other, and once when both answer", async () => {
    await using server = await startRedisServer();
    await using left = await startBridge(server.url);
    await using right = await startBridge(server.url);
    for (let round = 0; round < 30; round += 1) {
      const approval_id = `asked-${round}`;
      await left.bus.publish([question(approval_id, { job: `job-${round}` })]);
      await eventually("the other bridge knows of it", () => right.approvals.get(approval_id));
      const decisions = await Promise.allSettled([
        right.approvals.decide(approval_id, { decision: "approve", surface: "telegram" }),
        // Every third time the other bridge answers alone.
        ...(round % 3 === 0 ? [] : [left.approvals.decide(approval_id, { decision: "deny", surface: "vscode" })]),
      ]);
      expect(decisions.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      const [inLeft, inRight] = await Promise.all(
        [left, right].map(({ approvals }) => approvals.waitForDecision(approval_id, 10_000)),
      );
      expect(inLeft).toEqual(inRight);
      expect(inLeft?.state).not.toBe("pending");
      const refused = decisions.find((decision) => decision.status === "rejected");
      if (refused?.status === "rejected")
        expect(refused.reason).toMatchObject({ code: "already_decided", document: { context: { approval: inLeft } } });
    }
    await sameEverywhere([left, right], 60);
  });

  it("keep the first of two decisions that are published without their approval's id", async () => {
    await using server = await startRedisServer();
    await using left = await startBridge(server.url);
    await using right = await startBridge(server.url);
    await left.bus.publish([question("a")]);
    await eventually("the other bridge knows of it", () => right.approvals.get("a"));
    const results = await Promise.all([
      left.bus.publish([event("job.approved")]),
      right.bus.publish([event("job.denied")]),
    ]);
    expect(codes(results.flat()).filter((code) => code === "already_decided")).toHaveLength(1);
    await sameEverywhere([left, right], 2);
  });

  it("read on from where they were, however long they were away", async () => {
    await using server = await startRedisServer();
    await using left = await startBridge(server.url);
    const before = await startBridge(server.url);
    await left.bus.publish(progress(1, 3));
    await eventually("both have it", () => before.seen.length === 3);
    await before.stop();
    await left.bus.publish(progress(4, 1300, { project: "busy" }));
    await left.bus.publish(progress(1301, 1310, { project: "quiet" }));
    await using after = await restart(before, server.url);
    // The start waited for what happened meanwhile.
    expect(messages(after.seen)).toEqual(messages(left.seen).slice(3));
    await sameEverywhere([left, after], 1310);
  });

  it("lose nothing of their own, and answer it, when Redis lets go of it before they read it", async () => {
    await using server = await startRedisServer();
    await using node = await startBridge(server.url, { maxStreamEntries: 100 });
    const results = await node.bus.publish(progress(1, 1000));
    expect(results.filter(({ problem }) => problem !== undefined)).toEqual([]);
    await eventually("all are stored", () => node.seen.length === 1000);
    expect(new Set(messages(node.seen)).size).toBe(1000);
  });

  it("say so when Redis has let go of events that one of them never read", async () => {
    await using server = await startRedisServer();
    await using left = await startBridge(server.url, { maxStreamEntries: 100 });
    const before = await startBridge(server.url);
    await left.bus.publish(progress(1, 3));
    await eventually("both have it", () => before.seen.length === 3);
    await before.stop();
    for (let number = 4; number <= 600; number += 1) await left.bus.publish(progress(number, number));
    await using after = await restart(before, server.url, { maxStreamEntries: 100 });
    expect(after.logLines.join("")).toMatch(/let go of events .*"missing":\d\d+/);
    const kept = messages(after.seen);
    expect(kept).toEqual(messages(left.seen).slice(-kept.length));
    // It did not take what was trimmed for a Redis that lost its memory.
    expect(left.seen).toHaveLength(600);
    expect(after.logLines.join("")).not.toContain("lost what this bridge knew");
  });
});

describe("A Redis that fails", () => {
  const { startBridge, restart } = useBridges();

  it("loses and doubles nothing when it is killed in the middle and comes back", async () => {
    await using server = await startRedisServer();
    await using left = await startBridge(server.url);
    await using right = await startBridge(server.url);
    const publishing: Promise<readonly PublishResult[]>[] = [];
    const publish = (from: number, to: number) => {
      for (let number = from; number <= to; number += 1) {
        publishing.push(left.bus.publish(progress(number, number, { project: "left" })));
        publishing.push(right.bus.publish(progress(number, number, { project: "right" })));
      }
    };
    publish(1, 100);
    await eventually("events flow", () => left.seen.length > 40);
    await server.kill();
    // Whoever publishes is answered at once, Redis or not: nobody waits for its return, nor for the next one who publishes.
    await Promise.all(publishing);
    publish(101, 150);
    const results = (await Promise.all(publishing)).flat();
    expect(results.filter(({ problem }) => problem !== undefined)).toEqual([]);
    expect(results.some(({ seq }) => seq === null)).toBe(true);
    expect(left.bus.status()).toMatchObject({ kind: "redis", state: "away", away_since: expect.any(String) });
    expect(left.bus.status().waiting).toBeGreaterThanOrEqual(50);
    await server.restart();
    publish(151, 170);
    await Promise.all(publishing);
    await sameEverywhere([left, right], 340);
    for (const { seen } of [left, right]) {
      for (const project of ["left", "right"]) {
        const own = seen.filter(({ project_id }) => project_id === project);
        expect(messages(own)).toEqual(Array.from({ length: 170 }, (_, index) => String(index + 1)));
      }
    }
    await eventually("it says so", () => left.bus.status().state === "connected" && left.bus.status().waiting === 0);
  });

  it("lets events wait on disk, in order, and no decision be taken, while it is away", async () => {
    await using server = await startRedisServer();
    const before = await startBridge(server.url);
    await before.bus.publish([question("a")]);
    const states: string[] = [];
    before.bus.onDidChangeStatus(() => {
      throw new Error("A listener's own fault");
    });
    before.bus.onDidChangeStatus(({ state }) => states.push(state));
    await server.kill();
    await eventually("it notices", () => before.bus.status().state === "away");

    expect(codes(await before.bus.publish([...progress(1, 2), answer("job.approved", "a")]))).toEqual([
      null,
      null,
      "store_unavailable",
    ]);
    await expect(before.approvals.decide("a", { decision: "deny" })).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringContaining("Redis is away"),
    });
    expect(before.bus.status().waiting).toBe(2);
    expect(before.seen).toHaveLength(1);

    // They survive the bridge as well.
    await before.stop();
    await using after = await restart(before, server.url);
    expect(after.bus.status()).toMatchObject({ state: "away", waiting: 2 });
    expect(after.logLines.filter((line) => line.includes("Redis is away"))).toHaveLength(1);
    await after.bus.publish(progress(3, 3));
    await server.restart();
    await eventually("they have their places", () => after.seen.length === 3);
    expect(messages(after.seen)).toEqual(["1", "2", "3"]);
    expect(codes(await after.bus.publish([answer("job.approved", "a")]))).toEqual([5]);
    expect(states).toContain("away");
    expect(await readFile(after.outboxFile, "utf8")).toBe("");
  });

  it("doubles nothing when a bridge dies between telling Redis and noting that it did", async () => {
    await using server = await startRedisServer();
    await using other = await startBridge(server.url);
    const before = await startBridge(server.url);
    await server.kill();
    await before.bus.publish(progress(1, 5));
    const outbox = await readFile(before.outboxFile, "utf8");
    expect(outbox.trimEnd().split("\n")).toHaveLength(5);
    await server.restart();
    await eventually("they are sent", () => before.seen.length === 5 && before.bus.status().waiting === 0);
    await before.stop();
    await writeFile(before.outboxFile, outbox);
    await using after = await restart(before, server.url);
    await after.bus.publish(progress(6, 6));
    expect(messages(await stored(after.store))).toEqual(["1", "2", "3", "4", "5", "6"]);
    await sameEverywhere([other, after], 6);
    const history = await after.bus.history({ project_id: "shop", since: "2026-01-01T00:00:00Z", limit: 100 });
    expect(messages(history)).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  it("is told what it has forgotten when it comes back empty", async () => {
    await using server = await startRedisServer();
    await using left = await startBridge(server.url);
    const before = await startBridge(server.url);
    await left.bus.publish([question("a"), answer("job.denied", "a"), ...progress(1, 20)]);
    await eventually("both have it", () => before.seen.length === 22);
    await before.stop();
    await left.bus.publish(progress(21, 40));
    await server.wipe();
    await left.bus.publish(progress(41, 45));
    await server.restart();
    // What this bridge missed is nowhere but in the other one's store.
    await using after = await restart(before, server.url);
    await sameEverywhere([left, after], 47);
    expect(messages(after.seen)).toEqual(Array.from({ length: 25 }, (_, index) => String(index + 21)));
    expect(codes(await after.bus.publish([answer("job.approved", "a")]))).toEqual(["already_decided"]);
    await using late = await startBridge(server.url);
    await sameEverywhere([left, after, late], 47);
  });

  it("loses nothing when it is emptied while bridges publish", async () => {
    await using server = await startRedisServer();
    await using left = await startBridge(server.url);
    await using right = await startBridge(server.url);
    const publishing = [left, right].map(async ({ bus }, side) => {
      for (let number = 1; number <= 60; number += 1) {
        const [result] = await bus.publish(progress(number, number, { project: `side-${side}` }));
        expect(result?.problem).toBeUndefined();
        if (side === 0 && number === 30) await command(server, (client) => client.flushAll());
      }
    });
    await Promise.all(publishing);
    await eventually("both have all", () => left.seen.length === 120 && right.seen.length === 120);
    expect(new Set(ids(left.seen))).toEqual(new Set(ids(right.seen)));
    expect(new Set(ids(await stored(left.store))).size).toBe(120);
  });

  it("is noticed when it was restored from an older copy, even if it has counted on since", async () => {
    await using server = await startRedisServer();
    const before = await startBridge(server.url);
    await before.bus.publish(progress(1, 14));
    await before.stop();
    // As after a failover to a copy that had not heard of the last four, and that somebody used before we came back.
    await command(server, async (client) => {
      const entries = await client.xRange("televibe:stream:shop", "-", "+");
      await client.xDel("televibe:stream:shop", entries?.slice(-4).map(({ id }) => id) ?? []);
      await client.hSet("televibe:clock", "n", "10");
    });
    await using other = await startBridge(server.url);
    await other.bus.publish(progress(101, 110));
    expect(other.seen).toHaveLength(20);
    await using after = await restart(before, server.url);
    await eventually("all is everywhere", () => other.seen.length === 24 && after.store.lastSeq === 24);
    expect(new Set(messages(await stored(after.store)))).toEqual(new Set(messages(other.seen)));
  });

  it("answers publishers though it is frozen, and goes on when it thaws", async () => {
    await using server = await startRedisServer();
    await using node = await startBridge(server.url);
    await node.bus.publish(progress(1, 1));
    server.freeze();
    expect(await node.bus.publish(progress(2, 3))).toMatchObject([{ seq: null }, { seq: null }]);
    expect(node.bus.status().state).toBe("away");
    server.thaw();
    await eventually("they have their places", () => node.seen.length === 3);
    expect(messages(node.seen)).toEqual(["1", "2", "3"]);
  });

  it("keeps what it refuses on disk, and says why", async () => {
    await using server = await startRedisServer();
    await using node = await startBridge(server.url);
    await command(server, (client) => client.configSet("maxmemory", "1"));
    expect(await node.bus.publish(progress(1, 2))).toMatchObject([{ seq: null }, { seq: null }]);
    expect(node.logLines.join("")).toContain("OOM");
    await command(server, (client) => client.configSet("maxmemory", "0"));
    await eventually("they have their places", () => node.seen.length === 2);
    await eventually("it says so", () => node.bus.status().state === "connected");
  });

  it("need not be there at the start, and its password is told to nobody", async () => {
    await using node = await startBridge("redis://ada:s3cret@127.0.0.1:1");
    expect(node.bus.status().state).toBe("away");
    await eventually("it says so", () => node.logLines.join("").includes("Redis is away"));
    expect(codes(await node.bus.publish(progress(1, 1)))).toEqual([null]);
    expect(node.logLines.join("") + JSON.stringify(node.bus.status())).not.toContain("s3cret");
  });

  it.each(["http://u:s3cret@host", "redis://u:s3cret@host:port", "redis://", "s3cret", ""])(
    "is not looked for at %j",
    async (url) => {
      const refused: unknown = await startBridge(url).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(RedisUrlError);
      expect(JSON.stringify(refused, Object.getOwnPropertyNames(refused))).not.toContain("s3cret");
    },
  );
});

describe("What is in Redis", () => {
  const { startBridge } = useBridges();

  it("has the specification's names: a stream a project, a channel an event type", async () => {
    await using server = await startRedisServer();
    await using node = await startBridge(server.url);
    const listener = createClient({ url: server.url });
    await listener.connect();
    const heard: { channel: string; message: string }[] = [];
    await listener.pSubscribe("televibe:events:*", (message, channel) => heard.push({ channel, message }));
    const started = event("job.started", { project: "org/repo", data: { instruction: "Build" } });
    await node.bus.publish([started]);
    await eventually("it is heard", () => heard.length > 0);
    listener.destroy();
    expect(heard).toEqual([{ channel: "televibe:events:job.started", message: JSON.stringify(started) }]);
    const entries = await command(server, (client) => client.xRange("televibe:stream:org/repo", "-", "+"));
    expect(entries?.map(({ message }) => JSON.parse(message["event"] ?? ""))).toEqual([started]);
  });

  it("is passed over where it is no event, and read on behind", async () => {
    await using server = await startRedisServer();
    await using node = await startBridge(server.url);
    await node.bus.publish(progress(1, 1));
    await command(server, async (client) => {
      await client.xAdd("televibe:stream:shop", "*", { event: "{" });
      await client.hIncrBy("televibe:clock", "n", 1);
    });
    await node.bus.publish(progress(2, 2));
    expect(messages(node.seen)).toEqual(["1", "2"]);
    expect(node.logLines.join("")).toContain("no event");
  });
});

/** Registers the stores' fixture; bridges are made on stores of their own. */
function useBridges() {
  const stores = useStores();
  const startOn = async (
    store: EventStore,
    folder: string,
    url: string,
    options: { maxStreamEntries?: number } = {},
  ) => {
    const outboxFile = join(folder, "redis-outbox.ndjson");
    const node = await startNode(
      store,
      (parts) => new RedisBus({ ...parts, ...options, url, outboxFile, instanceId: v7() }),
    );
    return { ...node, outboxFile, folder, [Symbol.asyncDispose]: node[Symbol.asyncDispose] };
  };
  return {
    stores,
    async startBridge(url: string, options: Limits = {}): Promise<Bridge> {
      const folder = stores.newDirectory();
      return startOn(await stores.start(folder), folder, url, options);
    },
    /** The same bridge after its end: store and outbox are as it left them. */
    async restart({ store, folder }: Bridge, url: string, options: Limits = {}): Promise<Bridge> {
      await store.stop();
      return startOn(await stores.start(folder), folder, url, options);
    },
  };
}

const clientOf = (url: string) => createClient({ url });

/** Does something in Redis that no bridge would. */
async function command<T>({ url }: RedisServer, act: (client: ReturnType<typeof clientOf>) => Promise<T>): Promise<T> {
  const client = clientOf(url);
  await client.connect();
  try {
    return await act(client);
  } finally {
    client.destroy();
  }
}

/** Waits until all stores have so many events, and compares them. */
async function sameEverywhere(nodes: readonly Node[], count: number): Promise<void> {
  for (const { store } of nodes) await eventually(`${count} events are stored`, () => store.lastSeq >= count);
  const all = await Promise.all(nodes.map(({ store }) => stored(store)));
  for (const each of all) {
    expect(each).toHaveLength(count);
    expect(new Set(ids(each)).size).toBe(count);
    expect(each).toEqual(all[0]);
  }
}
