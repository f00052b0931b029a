/** Two bridges on one real Redis: one order, nothing lost while Redis is away, one decision an approval. */
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import type { StoredEvent } from "../../shared/events/event.ts";
import { startBridgeProcess, temporaryFolder } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";
import { startRedisServer } from "../support/redisServer.ts";

const EVENTS_EACH = 200;

it("stores the events of both bridges in both, once and in one order, through a killed Redis", async () => {
  await using redis = await startRedisServer();
  await using leftFolder = await temporaryFolder();
  await using rightFolder = await temporaryFolder();
  await using leftBridge = await startBridgeProcess({ dataDir: leftFolder.path, args: ["--redis", redis.url] });
  await using rightBridge = await startBridgeProcess({ dataDir: rightFolder.path, args: ["--redis", redis.url] });
  const [left, right] = [new BridgeClient(leftBridge.entry), new BridgeClient(rightBridge.entry)];

  const publishing = Promise.all([publishMany(left, "left"), publishMany(right, "right")]);
  await eventually("events flow", async () => (await lastSeq(left)) > 50);
  await redis.kill();
  await eventually("the left bridge says that Redis is away", async () => (await left.health()).bus.state === "away");
  await eventually("the right bridge says that Redis is away", async () => (await right.health()).bus.state === "away");
  await redis.restart();
  await publishing;

  await eventually("all events are in the left store", async () => (await lastSeq(left)) === 2 * EVENTS_EACH);
  await eventually("all events are in the right store", async () => (await lastSeq(right)) === 2 * EVENTS_EACH);
  const [inLeft, inRight] = [await readAll(left), await readAll(right)];
  expect(new Set(inLeft.map(({ event_id }) => event_id)).size).toBe(2 * EVENTS_EACH);
  expect(inLeft.map(({ event_id }) => event_id)).toEqual(inRight.map(({ event_id }) => event_id));
  expect((await left.health()).bus).toMatchObject({ kind: "redis", state: "connected", waiting: 0 });
});

it("decides an approval asked on one bridge on the other, once", async () => {
  await using redis = await startRedisServer();
  await using leftFolder = await temporaryFolder();
  await using rightFolder = await temporaryFolder();
  await using leftBridge = await startBridgeProcess({ dataDir: leftFolder.path, args: ["--redis", redis.url] });
  await using rightBridge = await startBridgeProcess({ dataDir: rightFolder.path, args: ["--redis", redis.url] });
  const [left, right] = [new BridgeClient(leftBridge.entry), new BridgeClient(rightBridge.entry)];

  for (let round = 0; round < 20; round += 1) {
    const approval_id = `asked-${round}`;
    const data = { approval_id, scope: "push", action: "git push" };
    await left.publish([{ event_type: "job.approval_needed", project_id: "p", job_id: `j${round}`, data }]);
    await eventually("right is asked", async () =>
      (await right.approvals()).some((one) => one.approval_id === approval_id),
    );

    // Even rounds: the other bridge alone answers. Odd rounds: both answer at once.
    const answers = await Promise.allSettled([
      right.decide(approval_id, { decision: "approve", surface: "vscode", decided_by: { name: "Ada" } }),
      ...(round % 2 === 0 ? [] : [left.decide(approval_id, { decision: "deny", surface: "terminal" })]),
    ]);
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const [seenLeft, seenRight] = [
      await left.approval(approval_id, { waitSeconds: 10 }),
      await right.approval(approval_id, { waitSeconds: 10 }),
    ];
    expect(seenLeft.state).not.toBe("pending");
    expect(seenLeft).toEqual(seenRight);
  }
});

async function publishMany(client: BridgeClient, project_id: string): Promise<void> {
  for (let count = 0; count < EVENTS_EACH; count += 1) {
    await client.publish([{ event_type: "job.progress", project_id, job_id: `${project_id}-job`, data: { count } }]);
    await delay(2);
  }
}

async function lastSeq(client: BridgeClient): Promise<number> {
  return (await client.health()).store.last_seq;
}

async function readAll(client: BridgeClient): Promise<StoredEvent[]> {
  return [...(await client.events({ order: "asc", limit: 1000 }))];
}
