import { describe, expect, it } from "vitest";
import { LiveState } from "../../../shared/client/liveState.ts";
import type { StoredEvent } from "../../../shared/events/event.ts";
import type { Changes } from "../../../shared/state/draft.ts";
import type { State } from "../../../shared/state/state.ts";
import { Condition, control, problem, ScriptedBridge, storedEvent } from "./scriptedBridge.ts";

function record(bridge: ScriptedBridge) {
  const condition = new Condition();
  const changes: Changes[] = [];
  const states: State[] = [];
  const statuses: string[] = [];
  const events: StoredEvent[] = [];
  const errors: unknown[] = [];
  const live = new LiveState({
    connect: async () => bridge.entry,
    backoff: { firstMs: 1, maxMs: 5 },
    onError: (error) => errors.push(error),
  });
  live.onDidChange((state, changed) => {
    states.push(state);
    changes.push(changed);
    condition.changed();
  });
  live.onStatus((status) => {
    statuses.push(status.state);
    condition.changed();
  });
  live.onEvents((batch) => {
    events.push(...batch);
  });
  live.start();
  return {
    live,
    changes,
    states,
    statuses,
    events,
    errors,
    jobs: () => [...live.state.jobs.keys()],
    until: (holds: () => boolean) => condition.until(holds),
    [Symbol.asyncDispose]: () => live.stop(),
  };
}

describe("the live state", () => {
  it("is the snapshot first, then what follows from it, each change told with what changed", async () => {
    await using bridge = await ScriptedBridge.start();
    bridge.append(storedEvent(1), storedEvent(2));
    await using recorded = record(bridge);
    expect(recorded.live.isLoaded).toBe(false);
    await recorded.until(() => recorded.states.length === 1);
    expect(recorded.live.isLoaded).toBe(true);
    expect(recorded.jobs()).toEqual(["job-1", "job-2"]);
    expect([...(recorded.changes[0]?.jobs ?? [])]).toEqual(["job-1", "job-2"]);

    await bridge.streamsOpened(1);
    bridge.append(storedEvent(3));
    await recorded.until(() => recorded.states.length === 2);
    expect(recorded.jobs()).toEqual(["job-1", "job-2", "job-3"]);
    expect([...(recorded.changes[1]?.jobs ?? [])]).toEqual(["job-3"]);
    expect(recorded.events, "what the snapshot held is the past, and did not just happen").toEqual([storedEvent(3)]);
    expect(recorded.statuses).toEqual(["connecting", "connected"]);
  });

  it("loses nothing between the snapshot and the stream", async () => {
    await using bridge = await ScriptedBridge.start();
    bridge.append(storedEvent(1));
    await using recorded = record(bridge);
    await recorded.until(() => recorded.states.length === 1);
    bridge.append(storedEvent(2));
    await recorded.until(() => recorded.jobs().length === 2);
    expect(recorded.live.state.seq).toBe(2);
  });

  it("keeps the picture while the bridge is away, and reads on without a new snapshot", async () => {
    await using bridge = await ScriptedBridge.start();
    bridge.append(storedEvent(1));
    await using recorded = record(bridge);
    await bridge.streamsOpened(1);
    await bridge.close();
    await recorded.until(() => recorded.live.status.state === "reconnecting");
    expect(recorded.jobs()).toEqual(["job-1"]);
    await bridge.open();
    bridge.append(storedEvent(2));
    await recorded.until(() => recorded.jobs().length === 2);
    expect(bridge.seen.filter(({ url }) => url === "/v1/state")).toHaveLength(1);
  });

  it("takes a new snapshot of another store, and tells that everything changed", async () => {
    await using bridge = await ScriptedBridge.start();
    bridge.append(storedEvent(1), storedEvent(2));
    await using recorded = record(bridge);
    await bridge.streamsOpened(1);
    bridge.epoch = "bbbbbbbb";
    bridge.events = [storedEvent(1, { job_id: "other" })];
    bridge.cut();
    await recorded.until(() => recorded.states.length === 2);
    expect(recorded.jobs()).toEqual(["other"]);
    expect([...(recorded.changes[1]?.jobs ?? [])].sort()).toEqual(["job-1", "job-2", "other"]);
  });

  it.each(["retention", "reset", "corrupt"])("takes a new snapshot after a gap (%s)", async (reason) => {
    await using bridge = await ScriptedBridge.start();
    bridge.append(storedEvent(1));
    await using recorded = record(bridge);
    await bridge.streamsOpened(1);
    bridge.events.push(storedEvent(2));
    bridge.say(control("stream.gap", { from: 2, to: 2, reason }));
    await recorded.until(() => recorded.jobs().length === 2);
    await bridge.streamsOpened(2);
    bridge.append(storedEvent(3));
    await recorded.until(() => recorded.jobs().length === 3);
    expect(recorded.statuses, "nothing was lost, so nothing is said").toEqual(["connecting", "connected"]);
  });

  it("tries again when the snapshot cannot be had", async () => {
    await using bridge = await ScriptedBridge.start();
    bridge.append(storedEvent(1));
    bridge.override = (_request, response) => {
      bridge.override = undefined;
      problem(response, 500, "internal_error");
    };
    await using recorded = record(bridge);
    await recorded.until(() => recorded.jobs().length === 1);
    expect(recorded.statuses.slice(0, 2)).toEqual(["connecting", "reconnecting"]);
  });

  it("tells its listeners apart: one that throws or leaves harms no other", async () => {
    await using bridge = await ScriptedBridge.start();
    await using recorded = record(bridge);
    const left = recorded.live.onDidChange(() => recorded.errors.push("it had left"));
    left[Symbol.dispose]();
    recorded.live.onDidChange(() => {
      throw new Error("the listener's own fault");
    });
    let told = 0;
    recorded.live.onDidChange(() => {
      told += 1;
    });
    await recorded.until(() => recorded.states.length === 1);
    expect(told).toBe(1);
    expect(recorded.errors).toEqual([new Error("the listener's own fault")]);
  });
});
