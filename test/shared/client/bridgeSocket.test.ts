import { describe, expect, it } from "vitest";
import { BridgeSocket, type BridgeSocketOptions } from "../../../shared/client/bridgeSocket.ts";
import { BridgeUnreachableError } from "../../../shared/client/bridgeUnreachableError.ts";
import type { StoredEvent } from "../../../shared/events/event.ts";
import type { LogFrame } from "../../../shared/protocol/log.ts";
import { problem } from "../../../shared/protocol/problem.ts";
import type { ClientMessage, ServerMessage } from "../../../shared/protocol/webSocketMessage.ts";
import { Condition, ScriptedBridge, storedEvent } from "./scriptedBridge.ts";

type Send = (message: ServerMessage) => void;

/** A connected socket, and everything it says to the bridge. */
async function open(bridge: ScriptedBridge, options: Partial<BridgeSocketOptions> = {}) {
  const condition = new Condition();
  const said: ClientMessage[] = [];
  const errors: unknown[] = [];
  let send: Send = () => undefined;
  const remote: { answer: (message: ClientMessage, send: Send) => void } = { answer: () => undefined };
  bridge.onSocketMessage = (message, sendNow) => {
    said.push(message);
    send = sendNow;
    remote.answer(message, sendNow);
    condition.changed();
  };
  const socket = new BridgeSocket({
    connect: async () => bridge.entry,
    backoff: { firstMs: 1, maxMs: 5 },
    onStatus: condition.changed,
    onError: (error) => {
      errors.push(error);
      condition.changed();
    },
    ...options,
  });
  socket.start();
  await condition.until(() => socket.status.state === "connected");
  return {
    socket,
    said,
    errors,
    remote,
    condition,
    send: (message: ServerMessage) => send(message),
    until: (holds: () => boolean) => condition.until(holds),
    /** Cuts the connection and waits for the next one. */
    reconnect: async () => {
      bridge.cut();
      await condition.until(() => socket.status.state === "reconnecting");
      await condition.until(() => socket.status.state === "connected");
    },
    [Symbol.asyncDispose]: () => socket.stop(),
  };
}

const input = { event_type: "job.queued", project_id: "p", job_id: "j", data: { instruction: "x" } };

describe("the bridge's WebSocket", () => {
  it("pairs each request with its answer, in whatever order they come", async () => {
    await using bridge = await ScriptedBridge.start();
    await using link = await open(bridge);
    const asked: ClientMessage[] = [];
    link.remote.answer = (message, send) => {
      asked.push(message);
      if (asked.length < 3) return;
      for (const { op, id } of asked.toReversed()) {
        if (op === "publish") send({ op: "published", id, results: [{ event_id: "e", seq: 1, duplicate: false }] });
        if (op === "log") send({ op: "logged", id, size: 7 });
        if (op === "cancel") send({ op: "done", id });
      }
    };
    const answers = await Promise.all([
      link.socket.publish([input]),
      link.socket.log("j", Buffer.from("line\n"), 2),
      link.socket.cancel("j", "enough"),
    ]);
    expect(answers).toEqual([[{ event_id: "e", seq: 1, duplicate: false }], { size: 7 }, undefined]);
    expect(link.said).toEqual([
      { op: "publish", id: "1", events: [input] },
      { op: "log", id: "2", job_id: "j", offset: 2, data: Buffer.from("line\n").toString("base64") },
      { op: "cancel", id: "3", job_id: "j", reason: "enough" },
    ]);
  });

  it("throws the bridge's problem to whoever asked", async () => {
    await using bridge = await ScriptedBridge.start();
    await using link = await open(bridge);
    const { document } = problem("unknown_job", "There is no such job");
    link.remote.answer = ({ id }, send) => send({ op: "problem", id, problem: document });
    await expect(link.socket.cancel("j")).rejects.toMatchObject({ code: "unknown_job" });
    expect(link.errors).toEqual([]);
  });

  it("rejects what waits for an answer when the connection is lost, and what is asked without one", async () => {
    await using bridge = await ScriptedBridge.start();
    await using link = await open(bridge);
    const waiting = link.socket.publish([input]);
    await link.until(() => link.said.length === 1);
    bridge.cut();
    await expect(waiting).rejects.toBeInstanceOf(BridgeUnreachableError);
    await link.socket.stop();
    await expect(link.socket.publish([input])).rejects.toBeInstanceOf(BridgeUnreachableError);
  });

  it("attaches again after each loss, so that a cancel finds the job's runner", async () => {
    await using bridge = await ScriptedBridge.start();
    const cancels: unknown[] = [];
    await using link = await open(bridge, {
      onCancelRequested: (...cancel) => {
        cancels.push(cancel);
      },
    });
    link.remote.answer = ({ id }, send) => send({ op: "done", id });
    await link.socket.attach("j");
    await link.reconnect();
    await link.until(() => link.said.length === 2);
    expect(link.said.map(({ op }) => op)).toEqual(["attach", "attach"]);
    link.send({ op: "cancel_requested", job_id: "j", reason: null });
    link.remote.answer = ({ id }, send) => send({ op: "done", id });
    await link.socket.cancel("other");
    expect(cancels).toEqual([["j", null]]);

    link.socket.detach("j");
    await link.reconnect();
    await link.socket.cancel("other");
    expect(link.said.filter(({ op }) => op === "attach")).toHaveLength(2);
  });

  it("keeps an attach that is asked for without a connection until there is one", async () => {
    await using bridge = await ScriptedBridge.start();
    bridge.onSocketMessage = ({ id }, send) => send({ op: "done", id });
    await using socket = new BridgeSocket({ connect: async () => bridge.entry });
    const attached = socket.attach("j");
    socket.start();
    await attached;
  });

  it("reads events on where it was, each once", async () => {
    await using bridge = await ScriptedBridge.start();
    await using link = await open(bridge);
    const events: StoredEvent[] = [];
    const controls: string[] = [];
    const subscription = link.socket.subscribe({
      filter: { type: ["job.*"] },
      after: "aaaaaaaa-1",
      onEvents: (batch) => {
        events.push(...batch);
        link.condition.changed();
      },
      onControl: ({ event_type }) => controls.push(event_type),
    });
    await link.until(() => link.said.length === 1);
    const id = link.said[0]?.id ?? "";
    const opened = {
      event_type: "stream.opened",
      data: { epoch: "aaaaaaaa", first_seq: 1, last_seq: 3, after: 1 },
    } as const;
    link.send({ op: "events", id, epoch: "aaaaaaaa", events: [opened, storedEvent(2), storedEvent(3)] });
    await link.until(() => events.length === 2);
    await link.reconnect();
    await link.until(() => link.said.length === 2);
    expect(link.said[1]).toEqual({ op: "subscribe", id, filter: { type: ["job.*"] }, after: "aaaaaaaa-3" });
    link.send({ op: "events", id, epoch: "aaaaaaaa", events: [storedEvent(3), storedEvent(4)] });
    await link.until(() => events.length === 3);
    expect(events.map(({ seq }) => seq)).toEqual([2, 3, 4]);
    expect(controls).toEqual(["stream.opened"]);

    subscription[Symbol.dispose]();
    await link.until(() => link.said.length === 3);
    expect(link.said[2]).toEqual({ op: "unsubscribe", id });
    await link.reconnect();
    link.remote.answer = (message, send) => send({ op: "done", id: message.id });
    await link.socket.cancel("j");
    expect(link.said.map(({ op }) => op)).toEqual(["subscribe", "subscribe", "unsubscribe", "cancel"]);
  });

  it("follows a log on where it was, until it ends", async () => {
    await using bridge = await ScriptedBridge.start();
    await using link = await open(bridge);
    const frames: LogFrame[] = [];
    link.socket.tail({
      jobId: "j",
      from: { lines: 10 },
      onFrame: (frame) => {
        frames.push(frame);
        link.condition.changed();
      },
    });
    await link.until(() => link.said.length === 1);
    const id = link.said[0]?.id ?? "";
    link.send({
      op: "log",
      id,
      frame: { type: "log.lines", data: { offset: 100, next_offset: 105, lines: ["four"] } },
    });
    await link.until(() => frames.length === 1);
    await link.reconnect();
    await link.until(() => link.said.length === 2);
    expect(link.said).toEqual([
      { op: "tail", id, job_id: "j", lines: 10 },
      { op: "tail", id, job_id: "j", offset: 105 },
    ]);
    link.send({ op: "log", id, frame: { type: "log.end", data: { offset: 105, job_state: "completed" } } });
    await link.until(() => frames.length === 2);
    await link.reconnect();
    link.remote.answer = (message, send) => send({ op: "done", id: message.id });
    await link.socket.cancel("j");
    expect(link.said.filter(({ op }) => op === "tail")).toHaveLength(2);
  });

  it("tells of a subscription that is refused, once", async () => {
    await using bridge = await ScriptedBridge.start();
    await using link = await open(bridge);
    const { document } = problem("invalid_filter", "There is no such type");
    link.remote.answer = ({ id }, send) => send({ op: "problem", id, problem: document });
    link.socket.subscribe({ onEvents: () => undefined });
    await link.until(() => link.errors.length === 1);
    expect(link.errors).toMatchObject([{ code: "invalid_filter" }]);
    await link.reconnect();
    expect(link.said.filter(({ op }) => op === "subscribe")).toHaveLength(1);
  });

  it("asks for the bridge again when its token is refused", async () => {
    await using bridge = await ScriptedBridge.start();
    let calls = 0;
    const reasons: string[] = [];
    await using _link = await open(bridge, {
      connect: async () => {
        calls += 1;
        return calls === 1 ? { ...bridge.entry, token: "stale" } : bridge.entry;
      },
      onError: (error) => reasons.push(String(error)),
    });
    expect(calls).toBe(2);
    expect(reasons).toEqual([]);
  });
});
