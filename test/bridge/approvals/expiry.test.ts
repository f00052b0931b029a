import { afterEach, describe, expect, it, vi } from "vitest";
import { ApprovalExpiry, dueApprovals } from "../../../bridge/approvals/expiry.ts";
import { EmbeddedBus } from "../../../bridge/bus/embeddedBus.ts";
import { createLogger } from "../../../bridge/diagnostics/logger.ts";
import { problem } from "../../../shared/protocol/problem.ts";
import { stateAfter } from "../../builders/storedEvent.ts";
import { MemoryStore } from "../../fakes/memoryStore.ts";
import { event, question } from "../bus/busEvents.ts";
import { type Node, startNode } from "../bus/node.ts";

const NOW_MS = Date.parse("2026-11-23T10:00:00.000Z");
const DAY_MS = 24 * 60 * 60 * 1000;
const asked = (id: string, expires_at?: string) => ({
  type: "job.approval_needed",
  job: `job-${id}`,
  data: { approval_id: id, scope: "s", action: "x", expires_at },
});

describe("dueApprovals", () => {
  it.each([
    ["nothing", [], [], undefined],
    ["one without an end", [asked("a")], [], undefined],
    ["one to come", [asked("a", "2026-11-23T10:00:05Z")], [], 5000],
    ["one at this very moment", [asked("a", "2026-11-23T10:00:00Z")], ["a"], undefined],
    ["one that was due while nobody ran", [asked("a", "2026-11-01T00:00:00Z")], ["a"], undefined],
    ["another time zone", [asked("a", "2026-11-23T11:00:01+01:00")], [], 1000],
    ["several", [asked("a", "2026-11-23T09:00:00Z"), asked("b", "2026-11-23T10:01:00Z"), asked("c")], ["a"], 60_000],
    ["one that Node's timers cannot wait for", [asked("a", "2027-11-23T10:00:00Z")], [], 2 ** 31 - 1],
    [
      "one that was decided",
      [asked("a", "2026-11-01T00:00:00Z"), { type: "job.approved", job: "job-a", data: { approval_id: "a" } }],
      [],
      undefined,
    ],
  ])("knows %s", (_what, facts, due, nextMs) => {
    const found = dueApprovals(stateAfter(facts), NOW_MS);
    expect({ due: found.due.map(({ approval_id }) => approval_id), nextMs: found.nextMs }).toEqual({ due, nextMs });
  });
});

describe("An approval's end", () => {
  afterEach(() => void vi.useRealTimers());

  const log = createLogger({ write: () => undefined, nowMs: Date.now });
  const start = (store: MemoryStore): Promise<Node> =>
    startNode(store, ({ ledger, ...parts }) => new EmbeddedBus({ ...parts, admit: ledger.admit }));
  const limited = (id: string, inMs: number) =>
    event("job.approval_needed", {
      job: `job-${id}`,
      data: { approval_id: id, scope: "s", action: "x", expires_at: new Date(Date.now() + inMs).toISOString() },
    });

  it("comes by itself, also for one that was asked before a restart", async () => {
    const store = new MemoryStore();
    await using before = await start(store);
    await before.bus.publish([limited("a", -1000), limited("b", 30), question("c")]);
    await before.stop();

    await using node = await start(store);
    const expiry = new ApprovalExpiry({ ...node, nowMs: Date.now, log });
    expiry.start();
    expect(await node.approvals.waitForDecision("a", 10_000)).toMatchObject({
      state: "expired",
      decision: { surface: "timeout", decided_by: null },
    });
    expect(await node.approvals.waitForDecision("b", 10_000)).toMatchObject({ state: "expired" });
    await node.bus.publish([limited("d", 10)]);
    expect(await node.approvals.waitForDecision("d", 10_000)).toMatchObject({ state: "expired" });
    expect(node.approvals.get("c")?.state).toBe("pending");
    await expiry.stop();
    expect(node.seen.map(({ event_type }) => event_type).filter((type) => type === "job.denied")).toHaveLength(3);
  });

  it("comes in its time when that is months away, and not at once", async () => {
    vi.useFakeTimers();
    await using node = await start(new MemoryStore());
    await node.bus.publish([limited("a", 60 * DAY_MS)]);
    const expiry = new ApprovalExpiry({ ...node, nowMs: Date.now, log });
    expiry.start();
    await vi.advanceTimersByTimeAsync(59 * DAY_MS);
    expect(node.approvals.get("a")?.state).toBe("pending");
    await vi.advanceTimersByTimeAsync(DAY_MS);
    expect(node.approvals.get("a")?.state).toBe("expired");
    await expiry.stop();
  });

  it("is tried again when it could not be stored, and loses against an answer", async () => {
    vi.useFakeTimers();
    const store = new MemoryStore();
    await using node = await start(store);
    await node.bus.publish([limited("a", 1000), limited("b", 1000)]);
    const expiry = new ApprovalExpiry({ ...node, nowMs: Date.now, log });
    expiry.start();
    await node.approvals.decide("b", { decision: "approve" });
    const { append } = store;
    store.append = async () => {
      throw problem("store_unavailable", "The disk is full.");
    };
    await vi.advanceTimersByTimeAsync(1500);
    expect(node.approvals.get("a")?.state).toBe("pending");
    store.append = append;
    await vi.advanceTimersByTimeAsync(5000);
    expect(node.approvals.get("a")?.state).toBe("expired");
    expect(node.approvals.get("b")?.state).toBe("approved");
    await expiry.stop();
  });

  it("does not come any more once it is stopped", async () => {
    vi.useFakeTimers();
    await using node = await start(new MemoryStore());
    await node.bus.publish([limited("a", 1000)]);
    const expiry = new ApprovalExpiry({ ...node, nowMs: Date.now, log });
    expiry.start();
    await expiry.stop();
    await vi.advanceTimersByTimeAsync(5000);
    expect(node.approvals.get("a")?.state).toBe("pending");
  });
});
