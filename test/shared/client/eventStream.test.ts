import { describe, expect, it } from "vitest";
import type { ConnectionStatus } from "../../../shared/client/connectionStatus.ts";
import { EventStream, type EventStreamOptions } from "../../../shared/client/eventStream.ts";
import type { StoredEvent } from "../../../shared/events/event.ts";
import type { ControlEvent } from "../../../shared/protocol/controlEvent.ts";
import { Condition, control, problem, ScriptedBridge, storedEvent } from "./scriptedBridge.ts";

const FAST = { firstMs: 1, maxMs: 5 };

/** A stream that records everything. */
function record(bridge: ScriptedBridge, options: Partial<EventStreamOptions> = {}) {
  const events: StoredEvent[] = [];
  const batches: number[] = [];
  const controls: ControlEvent[] = [];
  const statuses: ConnectionStatus[] = [];
  const errors: unknown[] = [];
  const condition = new Condition();
  const stream = new EventStream({
    connect: async () => bridge.entry,
    backoff: FAST,
    onEvents: (batch) => {
      events.push(...batch);
      batches.push(batch.length);
      condition.changed();
    },
    onControl: (event) => {
      controls.push(event);
      condition.changed();
    },
    onStatus: (status) => {
      statuses.push(status);
      condition.changed();
    },
    onError: (error) => {
      errors.push(error);
      condition.changed();
    },
    ...options,
  });
  stream.start();
  return {
    stream,
    events,
    batches,
    controls,
    statuses,
    errors,
    seqs: () => events.map(({ seq }) => seq),
    until: (holds: () => boolean) => condition.until(holds),
    [Symbol.asyncDispose]: () => stream.stop(),
  };
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("the event stream", () => {
  it("brings events of every type, known or not, and the controls in between", async () => {
    await using bridge = await ScriptedBridge.start();
    bridge.append(storedEvent(1), storedEvent(2, { event_type: "job.of_a_later_version" }));
    await using reader = record(bridge, { after: "aaaaaaaa-0" });
    await reader.until(() => reader.controls.length === 2);
    bridge.append(storedEvent(3, { event_type: "task.of_a_later_version" }));
    await reader.until(() => reader.events.length === 3);

    expect(reader.events).toEqual(bridge.events);
    expect(reader.controls.map(({ event_type }) => event_type)).toEqual(["stream.opened", "stream.caught_up"]);
    expect(reader.stream.cursor).toBe("aaaaaaaa-3");
    expect(
      bridge.seen.every(({ isLocal }) => isLocal),
      "the Unix socket is preferred",
    ).toBe(true);
  });

  it("hands events that come together on together", async () => {
    await using bridge = await ScriptedBridge.start();
    bridge.append(...range(1, 5_000).map((seq) => storedEvent(seq)));
    await using reader = record(bridge, { after: "aaaaaaaa-0" });
    await reader.until(() => reader.events.length === 5_000);
    expect(reader.seqs()).toEqual(range(1, 5_000));
    expect(reader.batches.length).toBeLessThan(500);
  });

  it("sees each event once through connections that break anywhere, in the middle of a frame too", async () => {
    await using bridge = await ScriptedBridge.start();
    await using reader = record(bridge, { after: "aaaaaaaa-0" });
    for (let round = 1; round <= 20; round += 1) {
      await bridge.streamsOpened(round);
      const next = storedEvent(round * 2);
      bridge.append(storedEvent(round * 2 - 1));
      const whole = bridge.frame(next);
      bridge.events.push(next);
      bridge.say(whole.slice(0, (whole.length * round) / 20));
      bridge.cut();
    }
    await reader.until(() => reader.events.length === 40);
    await bridge.streamsOpened(21);
    expect(reader.seqs()).toEqual(range(1, 40));
    expect(reader.errors).toEqual([]);
  });

  it("drops what the bridge sends twice", async () => {
    await using bridge = await ScriptedBridge.start();
    await using reader = record(bridge);
    await bridge.streamsOpened(1);
    for (const seq of [1, 2, 1, 2, 2, 3]) bridge.say(bridge.frame(storedEvent(seq)));
    await reader.until(() => reader.events.length >= 3);
    expect(reader.seqs()).toEqual([1, 2, 3]);
  });

  it("finds a bridge that came back at another place with another token", async () => {
    await using bridge = await ScriptedBridge.start();
    await using reader = record(bridge);
    await reader.until(() => reader.controls.length === 2);
    const before = bridge.entry;
    await bridge.close();
    await bridge.open();
    bridge.append(storedEvent(1));
    await reader.until(() => reader.events.length === 1);

    expect(bridge.entry.token).not.toBe(before.token);
    expect(reader.stream.status).toEqual({ state: "connected", entry: bridge.entry });
    const states = reader.statuses.map(({ state }) => state).filter((state, index, all) => state !== all[index - 1]);
    expect(states).toEqual(["connecting", "connected", "reconnecting", "connected"]);
  });

  it("misses nothing after a live start, though the first connection broke before any event", async () => {
    await using bridge = await ScriptedBridge.start();
    bridge.append(storedEvent(1));
    await using reader = record(bridge);
    await reader.until(() => reader.controls.length === 2);
    bridge.events.push(storedEvent(2));
    bridge.cut();
    await reader.until(() => reader.events.length === 1);
    expect(reader.seqs()).toEqual([2]);
  });

  it("begins anew with another store, whose numbers say nothing of the old one's", async () => {
    await using bridge = await ScriptedBridge.start();
    bridge.append(storedEvent(1), storedEvent(2), storedEvent(3));
    await using reader = record(bridge, { after: "aaaaaaaa-0" });
    await reader.until(() => reader.events.length === 3);
    bridge.epoch = "bbbbbbbb";
    bridge.events = [storedEvent(1), storedEvent(2)];
    bridge.cut();
    await reader.until(() => reader.events.length === 5);

    expect(reader.seqs()).toEqual([1, 2, 3, 1, 2]);
    const gaps = reader.controls.filter(({ event_type }) => event_type === "stream.gap");
    expect(gaps).toEqual([{ event_type: "stream.gap", data: { from: 1, to: 0, reason: "reset" } }]);
    await reader.until(() => reader.stream.cursor === "bbbbbbbb-2");
  });

  it("moves its cursor by bookmarks, so that a narrow filter does not age out", async () => {
    await using bridge = await ScriptedBridge.start();
    await using reader = record(bridge, { filter: { type: ["task.*"], project_id: ["a/b", "c"] } });
    await reader.until(() => reader.controls.length === 2);
    bridge.events = range(1, 70).map((seq) => storedEvent(seq));
    bridge.say(control("stream.cursor", { seq: 70 }, "aaaaaaaa-70"));
    await reader.until(() => reader.controls.length === 3);
    bridge.cut();
    await bridge.streamsOpened(2);
    expect(bridge.seen.at(-1)?.headers["last-event-id"]).toBe("aaaaaaaa-70");
    const { searchParams } = new URL(bridge.seen.at(-1)?.url ?? "", "http://bridge");
    expect([...searchParams]).toEqual([
      ["project_id", "a/b"],
      ["project_id", "c"],
      ["type", "task.*"],
    ]);
  });

  it("asks for the bridge again when its token is refused", async () => {
    await using bridge = await ScriptedBridge.start();
    let calls = 0;
    await using reader = record(bridge, {
      connect: async () => {
        calls += 1;
        return calls === 1 ? { ...bridge.entry, token: "stale" } : bridge.entry;
      },
    });
    await bridge.streamsOpened(1);
    expect(reader.statuses[1]).toMatchObject({ state: "reconnecting", reason: "It is unauthorized" });
  });

  it("tells of a refusal that lasts, and of none that may pass", async () => {
    await using bridge = await ScriptedBridge.start();
    const refusals: string[] = [];
    const answers = [
      { status: 503, code: "stopping" },
      { status: 401, code: "unauthorized" },
      { status: 400, code: "invalid_filter" },
    ];
    bridge.override = (_request, response) => {
      const { status, code } = answers.shift() ?? { status: 500, code: "internal_error" };
      problem(response, status, code);
      if (answers.length === 0) bridge.override = undefined;
    };
    await using _reader = record(bridge, { onRefused: ({ code }) => refusals.push(code) });
    await bridge.streamsOpened(1);
    expect(refusals).toEqual(["invalid_filter"]);
  });

  it.each([500, 503, 429, 204, 301])("comes back after status %i", async (status) => {
    await using bridge = await ScriptedBridge.start();
    bridge.override = (_request, response) => {
      bridge.override = undefined;
      response.writeHead(status, { Location: "/elsewhere" }).end();
    };
    await using reader = record(bridge);
    await bridge.streamsOpened(1);
    expect(reader.statuses[1]).toMatchObject({ state: "reconnecting", attempt: 1 });
  });

  it("comes back when the bridge falls silent", async () => {
    await using bridge = await ScriptedBridge.start();
    await using reader = record(bridge, { silenceMs: 30 });
    await bridge.streamsOpened(3);
    expect(reader.statuses).toContainEqual(expect.objectContaining({ reason: "The bridge was silent for 0 s" }));
  });

  it("comes back when the bridge says it should, after the time that it names", async () => {
    await using bridge = await ScriptedBridge.start();
    await using reader = record(bridge, { backoff: { firstMs: 3_600_000, maxMs: 3_600_000 } });
    await bridge.streamsOpened(1);
    bridge.say(control("stream.closing", { reason: "stopping", retry_ms: 1 }));
    bridge.endStreams();
    await bridge.streamsOpened(2);
    expect(reader.controls.map(({ event_type }) => event_type)).toContain("stream.closing");
  });

  it("tries at once when somebody asks for it", async () => {
    await using bridge = await ScriptedBridge.start();
    await using reader = record(bridge, { backoff: { firstMs: 3_600_000, maxMs: 3_600_000 } });
    await bridge.streamsOpened(1);
    bridge.cut();
    await reader.until(() => reader.stream.status.state === "reconnecting");
    // The status is told just before the waiting begins.
    await new Promise(setImmediate);
    reader.stream.retryNow();
    await bridge.streamsOpened(2);
  });

  it("goes on when a callback throws or a frame makes no sense", async () => {
    await using bridge = await ScriptedBridge.start();
    const seen: number[] = [];
    await using reader = record(bridge, {
      onEvents: (batch) => {
        seen.push(...batch.map(({ seq }) => seq));
        throw new Error("the callback's own fault");
      },
    });
    await bridge.streamsOpened(1);
    bridge.append(storedEvent(1));
    await reader.until(() => reader.errors.length === 1);
    bridge.say("event: job.started\ndata: {\n\n");
    await reader.until(() => reader.errors.length === 2);
    bridge.append(storedEvent(2));
    await reader.until(() => reader.errors.length === 3);
    expect(seen).toEqual([1, 2]);
    expect(bridge.streamCount).toBe(1);
  });

  it("uses TCP where the socket is gone", async () => {
    await using bridge = await ScriptedBridge.start();
    await using reader = record(bridge, {
      connect: async () => ({ ...bridge.entry, socket: "/nonexistent/bridge.sock" }),
    });
    await reader.until(() => reader.controls.length === 2);
    expect(bridge.seen.map(({ isLocal }) => isLocal)).toEqual([false]);
  });

  it("stops for good, from any state, and can be started again where it was", async () => {
    await using bridge = await ScriptedBridge.start();
    bridge.append(storedEvent(1));
    await using reader = record(bridge, { after: "aaaaaaaa-0" });
    await reader.until(() => reader.events.length === 1);
    await reader.stream.stop();
    expect(reader.stream.status).toEqual({ state: "stopped" });
    bridge.append(storedEvent(2));

    reader.stream.start();
    await reader.until(() => reader.events.length === 2);
    expect(reader.seqs()).toEqual([1, 2]);
    await bridge.close();
    await reader.until(() => reader.stream.status.state === "reconnecting");
    await reader.stream.stop();
    expect(reader.stream.status).toEqual({ state: "stopped" });
  });

  it("stops while it is asked where the bridge is", async () => {
    await using bridge = await ScriptedBridge.start();
    await using reader = record(bridge, {
      connect: (signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
        ),
    });
    await reader.stream.stop();
    expect(reader.statuses.map(({ state }) => state)).toEqual(["connecting", "stopped"]);
  });
});
