/** What every bus must do: run for each of them, on the real store. */
import { describe, expect, it } from "vitest";
import type { EventStore } from "../../../bridge/store/eventStore.ts";
import type { Event } from "../../../shared/events/event.ts";
import { ProblemError } from "../../../shared/protocol/problem.ts";
import type { PublishResult } from "../../../shared/protocol/publish.ts";
import { answer, event, progress, question } from "./busEvents.ts";
import { ids, messages, type Node, stored } from "./node.ts";

export interface BusUnderTest {
  /** A bus on a new, empty store. */
  start(): Promise<Node>;
  /** The same store once more, after the node's bus and store were stopped. */
  reopenStore(node: Node): Promise<EventStore>;
}

export function describeBus(name: string, makeBus: () => BusUnderTest): void {
  describe(`${name} as an event bus`, () => {
    const { start, reopenStore } = makeBus();

    it("acknowledges an event when it is stored and its handlers have seen it", async () => {
      await using node = await start();
      const one = event("job.started", { data: { instruction: "Build" } });
      const [result] = await node.bus.publish([one]);
      expect(result).toEqual({ event_id: one.event_id, seq: 1, duplicate: false });
      expect(node.seen).toEqual([{ ...one, seq: 1 }]);
      expect(await stored(node.store)).toEqual([{ ...one, seq: 1 }]);
    });

    it("gives all publishers one order, and hands each event on once and in it", async () => {
      await using node = await start();
      const batches = Array.from({ length: 20 }, (_, index) => progress(index * 10, index * 10 + 9));
      const results = await Promise.all(batches.map((batch) => node.bus.publish(batch)));
      expect(node.seen.map(({ seq }) => seq)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
      // One publisher's calls keep their order, and so do the events of a call.
      expect(messages(node.seen)).toEqual(Array.from({ length: 200 }, (_, index) => String(index)));
      expect(results.flat().map(({ seq }) => seq)).toEqual(node.seen.map(({ seq }) => seq));
      expect(ids(await stored(node.store))).toEqual(ids(node.seen));
    });

    it("takes the same event once, however it comes again", async () => {
      await using node = await start();
      const [one, two] = [event("task.created", { data: { task_id: "1", title: "One" } }), event("job.queued")];
      const together = await node.bus.publish([one, one, two]);
      expect(together.map(({ seq, duplicate }) => ({ seq, duplicate }))).toEqual([
        { seq: 1, duplicate: false },
        { seq: 1, duplicate: true },
        { seq: 2, duplicate: false },
      ]);
      expect(await node.bus.publish([two])).toEqual([{ event_id: two.event_id, seq: 2, duplicate: true }]);

      const three = event("job.queued", { job: "job-3" });
      const atOnce = await Promise.all(Array.from({ length: 5 }, () => node.bus.publish([three])));
      expect(atOnce.flat().map(({ seq }) => seq)).toEqual([3, 3, 3, 3, 3]);
      expect(atOnce.flat().filter(({ duplicate }) => !duplicate)).toHaveLength(1);
      expect(node.seen.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    });

    it("refuses an event_id with other content, and nothing else of the same publish", async () => {
      await using node = await start();
      const one = event("job.queued", { data: { branch: "a" } });
      const other = event("job.queued", { id: one.event_id, data: { branch: "b" } });
      await node.bus.publish([one]);
      const results = await node.bus.publish([event("job.queued"), other, event("job.queued")]);
      expect(results.map(({ seq, problem }) => problem?.code ?? seq)).toEqual([2, "event_id_conflict", 3]);
    });

    it("stores one of two events with one id that are published at once", async () => {
      await using node = await start();
      const one = event("job.queued", { data: { branch: "a" } });
      const other = event("job.queued", { id: one.event_id, data: { branch: "b" } });
      const results = await Promise.all([node.bus.publish([one]), node.bus.publish([other])]);
      expect(codes(results.flat())).toEqual([1, "event_id_conflict"]);
      expect(node.seen).toEqual([{ ...one, seq: 1 }]);
    });

    it("takes the first decision of an approval, and shows it to whoever comes later", async () => {
      await using node = await start();
      await node.bus.publish([question("a")]);
      expect(codes(await node.bus.publish([answer("job.denied", "a")]))).toEqual([2]);
      const [late] = await node.bus.publish([answer("job.approved", "a")]);
      expect(late?.problem?.code).toBe("already_decided");
      expect(late?.problem?.detail).toMatch(/^Denied by Ada in the API\./);
      expect(late?.problem?.context).toMatchObject({ approval: { approval_id: "a", state: "denied" } });
      expect(node.seen).toHaveLength(2);
    });

    it("refuses another question under the id of one that was answered", async () => {
      await using node = await start();
      await node.bus.publish([event("job.started", { data: { instruction: "x" } }), question("a")]);
      await node.bus.publish([answer("job.approved", "a")]);
      const other = { approval_id: "a", scope: "push", action: "git push --force" };
      const results = await node.bus.publish([
        event("job.approval_needed", { data: other }),
        question("a", { job: "other" }),
        question("a"),
      ]);
      expect(codes(results)).toEqual(["approval_id_conflict", "approval_id_conflict", 4]);
      expect(node.seen).toHaveLength(4);
    });

    it("takes one of several decisions that come at once", async () => {
      await using node = await start();
      for (let round = 0; round < 20; round += 1) {
        await node.bus.publish([question(`a${round}`, { job: `job-${round}` })]);
        const decisions = (["job.approved", "job.denied", "job.approved"] as const).map((type) =>
          answer(type, `a${round}`, { job: `job-${round}` }),
        );
        const results = (await Promise.all(decisions.map((decision) => node.bus.publish([decision])))).flat();
        const winner = results.find(({ problem }) => problem === undefined);
        expect(codes(results).filter((code) => code === "already_decided")).toHaveLength(2);
        const state = node.projection.state.approvals.get(`a${round}`);
        expect(state?.decision?.event_id).toBe(winner?.event_id);
        for (const { problem } of results) if (problem) expect(problem.context).toEqual({ approval: state });
      }
      expect(node.seen).toHaveLength(40);
    });

    it("knows a decision again that is published once more", async () => {
      await using node = await start();
      const decision = answer("job.approved", "a");
      await node.bus.publish([question("a"), decision]);
      expect(await node.bus.publish([decision])).toEqual([{ event_id: decision.event_id, seq: 2, duplicate: true }]);
    });

    it("judges a decision on what was published right before it", async () => {
      await using node = await start();
      const results = await node.bus.publish([
        question("a"),
        answer("job.approved", "a"),
        answer("job.denied", "a"),
        question("b", { job: "job-2" }),
        event("job.denied", { job: "job-2" }),
        event("job.approved", { job: "job-2" }),
      ]);
      expect(codes(results)).toEqual([1, 2, "already_decided", 3, 4, "already_decided"]);
      const { approvals } = node.projection.state;
      expect([approvals.get("a")?.state, approvals.get("b")?.state]).toEqual(["approved", "denied"]);
    });

    it("refuses decisions that nothing waits for", async () => {
      await using node = await start();
      await node.bus.publish([question("a"), question("b"), event("job.started", { data: { instruction: "x" } })]);
      const results = await node.bus.publish([
        answer("job.approved", "nowhere"),
        answer("job.approved", "a", { job: "another-job" }),
        event("job.approved", { job: "job-without-a-question" }),
        // Two wait: which one?
        event("job.approved"),
      ]);
      expect(codes(results)).toEqual(Array.from({ length: 4 }, () => "unknown_approval"));
      expect(node.seen).toHaveLength(3);
    });

    it("takes no decision for a job that has ended", async () => {
      await using node = await start();
      await node.bus.publish([question("a"), event("job.failed", { data: { error: "Out of disk" } })]);
      const [late] = await node.bus.publish([answer("job.approved", "a")]);
      expect(late?.problem).toMatchObject({ code: "already_decided", context: { approval: { state: "withdrawn" } } });
    });

    it("calls handlers with what their pattern matches, in the order of seq", async () => {
      await using node = await start();
      const heard: Record<string, string[]> = {};
      for (const pattern of ["*", "job.*", "job.started", "task.*", "session.created"]) {
        heard[pattern] = [];
        node.bus.subscribe(pattern, (batch) => heard[pattern]?.push(...batch.map(({ event_type }) => event_type)));
      }
      const started = event("job.started", { data: { instruction: "x" } });
      await node.bus.publish([
        event("job.queued"),
        started,
        event("task.created", { data: { task_id: "1", title: "T" } }),
      ]);
      expect(heard).toEqual({
        "*": ["job.queued", "job.started", "task.created"],
        "job.*": ["job.queued", "job.started"],
        "job.started": ["job.started"],
        "task.*": ["task.created"],
        "session.created": [],
      });
      expect(node.bus.status().handlers_registered).toBe(7);
    });

    it.each(["", "job", "job*", "jobs.*", "*.started", "job.Started", "stream.opened", "job.**"])(
      "refuses to subscribe to %j",
      async (pattern) => {
        await using node = await start();
        expect(() => node.bus.subscribe(pattern, () => undefined)).toThrow(TypeError);
      },
    );

    it("keeps handlers apart: one that fails, one that went, one that is there twice", async () => {
      await using node = await start();
      const heard: string[] = [];
      const listen = (name: string) => () => void heard.push(name);
      node.bus.subscribe("job.*", () => {
        throw new Error("A handler's own fault");
      });
      const leaving = node.bus.subscribe("job.*", listen("leaving"));
      const twice = listen("twice");
      const once = node.bus.subscribe("job.queued", twice);
      node.bus.subscribe("job.queued", twice);

      expect(codes(await node.bus.publish([event("job.queued")]))).toEqual([1]);
      expect(heard).toEqual(["leaving", "twice", "twice"]);
      expect(node.logLines.join("")).toContain("A handler's own fault");

      heard.length = 0;
      for (const each of [leaving, once]) each[Symbol.dispose]();
      await node.bus.publish([event("job.queued")]);
      expect(heard).toEqual(["twice"]);
    });

    it("waits, when it stops, for what it took, and takes nothing more", async () => {
      const node = await start();
      const publishing = progress(1, 50).map((each) => node.bus.publish([each]));
      const stopping = node.stop();
      const refused = await node.bus.publish(progress(51, 51)).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(ProblemError);
      expect(refused).toMatchObject({ code: "stopping" });
      await stopping;
      expect(codes((await Promise.all(publishing)).flat())).toEqual(
        Array.from({ length: 50 }, (_, index) => index + 1),
      );
      const reopened = await reopenStore(node);
      expect(messages(await stored(reopened))).toEqual(Array.from({ length: 50 }, (_, index) => String(index + 1)));
    });

    it("tells a project's past, oldest first", async () => {
      await using node = await start();
      const at = (minute: number) => `2026-11-23T09:${String(minute).padStart(2, "0")}:00.000Z`;
      const past = Array.from({ length: 6 }, (_, minute) =>
        event("job.queued", { project: minute === 3 ? "other" : "shop", timestamp: at(minute) }),
      );
      await node.bus.publish(past);
      const history = (since: string, limit = 100) => node.bus.history({ project_id: "shop", since, limit });
      const expected = (...minutes: number[]) => minutes.flatMap((minute): Event[] => past.slice(minute, minute + 1));
      expect(ids(await history(at(0)))).toEqual(ids(expected(0, 1, 2, 4, 5)));
      expect(ids(await history(at(2)))).toEqual(ids(expected(2, 4, 5)));
      expect(ids(await history(at(2), 2))).toEqual(ids(expected(2, 4)));
      expect(await node.bus.history({ project_id: "nowhere", since: at(0), limit: 10 })).toEqual([]);
    });

    it("says how it is", async () => {
      await using node = await start();
      expect(node.bus.status()).toEqual({
        kind: expect.stringMatching(/^(embedded|redis)$/),
        state: "connected",
        away_since: null,
        waiting: 0,
        queue_size: 0,
        handlers_registered: 2,
      });
      const publishing = node.bus.publish(progress(1, 3));
      await publishing;
      expect(node.bus.status().queue_size).toBe(0);
    });
  });
}

/** An event's place, or why it has none. */
export function codes(results: readonly PublishResult[]): (number | string | null)[] {
  return results.map(({ seq, problem }) => problem?.code ?? seq);
}
