/** What becomes of a publish when Redis goes away at the worst moment: played, since a real one seldom hits it. */
import { describe, expect, it } from "vitest";
import { ApprovalLedger } from "../../../bridge/approvals/ledger.ts";
import { PendingPublishes } from "../../../bridge/bus/redis/pendingPublishes.ts";
import { RedisAwayError } from "../../../bridge/bus/redis/redisLink.ts";
import { Sender } from "../../../bridge/bus/redis/sender.ts";
import { createLogger } from "../../../bridge/diagnostics/logger.ts";
import type { Event } from "../../../shared/events/event.ts";
import { answer, progress, question } from "./busEvents.ts";
import { codes } from "./conformance.ts";
import { ids } from "./node.ts";

/** A sender whose Redis takes `room` events and is gone then; what it took does not come back by itself. */
function start({ room, diskFails = false }: { readonly room: number; readonly diskFails?: boolean }) {
  const ledger = new ApprovalLedger();
  const pending = new PendingPublishes("test");
  const taken: { readonly event: Event; readonly token: string }[] = [];
  const onDisk: Event[] = [];
  let isAway = false;
  const sender = new Sender({
    put: async (event, token) => {
      if (taken.length >= room) throw new RedisAwayError(new Error("It was killed"));
      taken.push({ event, token });
      return { winner: undefined };
    },
    ledger,
    pending,
    outbox: {
      get length() {
        return onDisk.length;
      },
      append: async (events) => {
        if (diskFails) throw new Error("No space left on device");
        onDisk.push(...events);
      },
    },
    isAway: () => isAway,
    onAway: () => {
      isAway = true;
      sender.rescuePending();
    },
    sync: async () => undefined,
    log: createLogger({ write: () => undefined, nowMs: Date.now }),
  });
  const comeBack = (count: number) => {
    for (const [index, { token }] of taken.splice(0, count).entries())
      pending.settle(token, { kind: "stored", seq: index + 1, duplicate: false });
  };
  const goAway = () => {
    isAway = true;
    sender.rescuePending();
  };
  return { sender, ledger, onDisk, taken, comeBack, goAway, returnToDuty: () => (isAway = false) };
}

describe("A publish", () => {
  it("is on disk whole and in order when Redis goes away in its middle", async () => {
    const { sender, onDisk } = start({ room: 2 });
    const [first, second] = [progress(1, 3), progress(4, 5)];
    const results = await Promise.all([sender.publish(first), sender.publish(second)]);
    // Of the two that Redis took nobody knows whether it still has them.
    expect(codes(results.flat())).toEqual([null, null, null, null, null]);
    expect(results.flat().some(({ problem }) => problem !== undefined)).toBe(false);
    expect(ids(onDisk)).toEqual(ids([...first, ...second]));
  });

  it("is answered when Redis goes away after taking it, though nobody publishes any more", async () => {
    const { sender, onDisk, taken, comeBack, goAway } = start({ room: 9 });
    const events = progress(1, 4);
    const publishing = sender.publish(events);
    await expect.poll(() => taken.length).toBe(4);
    comeBack(2);
    goAway();
    expect(codes(await publishing)).toEqual([1, 2, null, null]);
    expect(ids(onDisk)).toEqual(ids(events.slice(2)));
  });

  it("does not overtake what waits on disk, though Redis is back", async () => {
    const { sender, onDisk, taken, goAway, returnToDuty } = start({ room: 9 });
    goAway();
    const [first, second] = [progress(1, 1), progress(2, 3)];
    await sender.publish(first);
    returnToDuty();
    expect(codes(await sender.publish(second))).toEqual([null, null]);
    expect(taken).toEqual([]);
    expect(ids(onDisk)).toEqual(ids([...first, ...second]));
  });

  it("is refused when neither Redis nor the disk takes it", async () => {
    const { sender } = start({ room: 1, diskFails: true });
    const [taken, lost] = [sender.publish(progress(1, 1)), sender.publish(progress(2, 2))];
    await expect(lost).rejects.toMatchObject({ code: "store_unavailable" });
    expect(codes(await taken)).toEqual(["store_unavailable"]);
  });
});

describe("A decision", () => {
  const decision = answer("job.approved", "a");

  it("is never kept for later", async () => {
    const { sender, ledger, onDisk, goAway } = start({ room: 9 });
    ledger.note(question("a"));
    goAway();
    const [result] = await sender.publish([decision]);
    expect(result?.problem).toMatchObject({ code: "store_unavailable" });
    expect(result?.problem?.detail).toContain("was not taken");
    expect(onDisk).toEqual([]);
  });

  it.each([
    ["while it was sent", 0],
    ["after it was taken", 1],
  ])("is in doubt when Redis goes away %s, and that is said", async (_when, room) => {
    const { sender, ledger, onDisk, taken, goAway } = start({ room });
    ledger.note(question("a"));
    const publishing = sender.publish([decision]);
    if (room === 1) {
      await expect.poll(() => taken.length).toBe(1);
      goAway();
    }
    const [result] = await publishing;
    expect(result?.problem).toMatchObject({ code: "store_unavailable" });
    expect(result?.problem?.detail).toContain("nobody knows whether it was taken");
    expect(onDisk).toEqual([]);
  });
});
