import { describe, expect, it } from "vitest";
import { EmbeddedBus } from "../../../bridge/bus/embeddedBus.ts";
import { MAX_ENDED_JOBS } from "../../../shared/state/prune.ts";
import { MemoryStore } from "../../fakes/memoryStore.ts";
import { answer, event, question } from "../bus/busEvents.ts";
import { type Node, startNode } from "../bus/node.ts";

function start(store = new MemoryStore()): Promise<Node> {
  return startNode(store, ({ ledger, ...parts }) => new EmbeddedBus({ ...parts, admit: ledger.admit }));
}

describe("Deciding", () => {
  it.each([
    ["approve", "approved"],
    ["deny", "denied"],
    ["withdraw", "withdrawn"],
    ["expire", "expired"],
  ] as const)("to %s makes it %s", async (decision, state) => {
    await using node = await start();
    await node.bus.publish([question("a")]);
    const { approval, seq } = await node.approvals.decide("a", { decision, reason: "Because", surface: "terminal" });
    expect(seq).toBe(2);
    expect(approval).toMatchObject({ state, decision: { reason: "Because", surface: "terminal" } });
    expect(node.approvals.get("a")).toBe(approval);
  });

  it("what is not there is refused", async () => {
    await using node = await start();
    await expect(node.approvals.decide("a", { decision: "approve" })).rejects.toMatchObject({
      code: "unknown_approval",
    });
    await expect(node.approvals.waitForDecision("a", 10)).rejects.toMatchObject({ code: "unknown_approval" });
    expect(node.approvals.get("a")).toBeUndefined();
  });

  it("from many places at once has one decision, which all are told", async () => {
    await using node = await start();
    for (let round = 0; round < 100; round += 1) {
      const id = `a${round}`;
      await node.bus.publish([question(id, { job: `job-${round}` })]);
      const decisions = await Promise.allSettled(
        (["vscode", "vscode", "terminal", "telegram"] as const).map((surface, index) =>
          node.approvals.decide(id, { decision: index % 2 === 0 ? "approve" : "deny", surface }),
        ),
      );
      const approval = node.approvals.get(id);
      const told = decisions.map((each) =>
        each.status === "fulfilled" ? each.value.approval : each.reason.document.context.approval,
      );
      expect(decisions.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(told).toEqual([approval, approval, approval, approval]);
    }
    expect(node.seen).toHaveLength(200);
  });

  it("late is told what was decided, even when the job is long forgotten", async () => {
    const store = new MemoryStore();
    await using node = await start(store);
    await node.bus.publish([question("a"), answer("job.denied", "a"), event("job.completed")]);
    const others = Array.from({ length: MAX_ENDED_JOBS }, (_, index) =>
      event("job.completed", { job: `other-${index}` }),
    );
    await node.bus.publish(others);
    expect(node.approvals.get("a")).toBeUndefined();
    await using again = await start(store);
    for (const { approvals } of [node, again]) {
      await expect(approvals.decide("a", { decision: "approve" })).rejects.toMatchObject({
        code: "already_decided",
        document: { context: { approval: { state: "denied", decision: { decided_by: { name: "Ada" } } } } },
      });
      expect(await approvals.waitForDecision("a", 10_000)).toMatchObject({ state: "denied" });
      await expect(approvals.decide("b", { decision: "approve" })).rejects.toMatchObject({ code: "unknown_approval" });
    }
  });
});

describe("Waiting for a decision", () => {
  it("ends with it", async () => {
    await using node = await start();
    await node.bus.publish([question("a"), question("b")]);
    const waiting = Promise.all([1, 2].map(() => node.approvals.waitForDecision("a", 60_000)));
    await node.approvals.decide("b", { decision: "deny" });
    await node.approvals.decide("a", { decision: "approve" });
    expect((await waiting).map(({ state }) => state)).toEqual(["approved", "approved"]);
    expect(await node.approvals.waitForDecision("a", 60_000)).toMatchObject({ state: "approved" });
  });

  it("ends when the job does", async () => {
    await using node = await start();
    await node.bus.publish([question("a")]);
    // Longer than any timer of Node: it must not end at once.
    const waiting = node.approvals.waitForDecision("a", 2 ** 40);
    await node.bus.publish([event("job.canceled")]);
    expect(await waiting).toMatchObject({ state: "withdrawn" });
  });

  it("ends undecided when the time is over, or whoever waits has gone", async () => {
    await using node = await start();
    await node.bus.publish([question("a")]);
    expect(await node.approvals.waitForDecision("a", 1)).toMatchObject({ state: "pending" });
    const gone = new AbortController();
    const waiting = node.approvals.waitForDecision("a", 60_000, gone.signal);
    gone.abort();
    expect(await waiting).toMatchObject({ state: "pending" });
    expect(await node.approvals.waitForDecision("a", 60_000, gone.signal)).toMatchObject({ state: "pending" });
  });
});

describe("The list of approvals", () => {
  it("shows those that wait first, and what is asked for", async () => {
    await using node = await start();
    await node.bus.publish([
      question("a"),
      question("b", { project: "other", job: "job-2" }),
      question("c", { job: "job-3" }),
      answer("job.approved", "a"),
    ]);
    const list = (...args: Parameters<typeof node.approvals.list>) =>
      node.approvals.list(...args).map(({ approval_id }) => approval_id);
    expect(list()).toEqual(["b", "c", "a"]);
    expect(list({ state: "pending" })).toEqual(["b", "c"]);
    expect(list({ state: "approved" })).toEqual(["a"]);
    expect(list({ project_id: "other" })).toEqual(["b"]);
    expect(list({ session_id: "main", project_id: "shop" })).toEqual(["c", "a"]);
    expect(list({ session_id: "elsewhere" })).toEqual([]);
  });
});

describe("A decision without its approval's id", () => {
  it("gets the one that it can only mean", async () => {
    await using node = await start();
    await node.bus.publish([question("a")]);
    const { approvals } = node;
    expect(approvals.resolveDecision(event("job.denied"))).toMatchObject({ data: { approval_id: "a" } });
    const queued = event("job.queued");
    const named = answer("job.approved", "b");
    expect(approvals.resolveDecision(queued)).toBe(queued);
    expect(approvals.resolveDecision(named)).toBe(named);
    expect(() => approvals.resolveDecision(event("job.approved", { job: "another" }))).toThrow("waits for no approval");
  });
});
