/** The whole client against the bridge's own HTTP server, over real sockets: the two ends agree on the protocol. */
import { describe, expect, it } from "vitest";
import { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import { BridgeSocket } from "../../../shared/client/bridgeSocket.ts";
import { EventStream } from "../../../shared/client/eventStream.ts";
import { LiveState } from "../../../shared/client/liveState.ts";
import { followLog } from "../../../shared/client/logStream.ts";
import type { StoredEvent } from "../../../shared/events/event.ts";
import type { DiscoveryEntry } from "../../../shared/protocol/discovery.ts";
import type { LogFrame } from "../../../shared/protocol/log.ts";
import { startTestServer, type TestServer, TOKEN } from "../../bridge/http/testServer.ts";
import { Condition } from "./scriptedBridge.ts";

const FAST = { firstMs: 1, maxMs: 5 };

function entryOf({ socketPath, url }: TestServer): DiscoveryEntry {
  return {
    schema: 1,
    instance_id: "test",
    pid: process.pid,
    version: "0.0.0-test",
    protocol: 1,
    socket: socketPath,
    url,
    token: TOKEN,
    started_at: "2026-11-23T00:00:00.000Z",
    data_dir: "/data",
  };
}

const queued = (job_id: string, extra: object = {}) => ({
  event_type: "job.queued",
  project_id: "p",
  session_id: "s",
  job_id,
  data: { instruction: job_id },
  ...extra,
});

describe("the client and the bridge's server", () => {
  it("keep the order of what is published, whatever of it is refused and however much is on its way", async () => {
    await using server = await startTestServer();
    const condition = new Condition();
    await using socket = new BridgeSocket({
      connect: async () => entryOf(server),
      backoff: FAST,
      onStatus: condition.changed,
    });
    socket.start();
    await condition.until(() => socket.status.state === "connected");
    // Several frames, the first of which has something wrong in it, and all of them sent before any answer.
    const names = Array.from({ length: 100 }, (_, index) => `j${index}`);
    const isWrong = (name: string) => name === "j1" || name === "j40";
    const answers = await Promise.allSettled(
      names.map((name) =>
        socket.publish([queued(name), queued(`${name}b`, isWrong(name) ? { project_id: "../up" } : {})]),
      ),
    );
    const taken = names.filter((name) => !isWrong(name));
    expect(server.store.events.map(({ job_id }) => job_id)).toEqual(taken.flatMap((name) => [name, `${name}b`]));
    const seqs = answers.flatMap((answer) =>
      answer.status === "fulfilled" ? [answer.value.map(({ seq }) => seq)] : [],
    );
    expect(seqs).toEqual(taken.map((_, index) => [2 * index + 1, 2 * index + 2]));
    expect(answers[40]).toMatchObject({
      status: "rejected",
      reason: { code: "invalid_event", document: { issues: [{ path: "/1/project_id" }] } },
    });
  });

  it("agree on every call, over the Unix socket and over TCP", async () => {
    await using server = await startTestServer();
    const entry = entryOf(server);
    for (const client of [new BridgeClient(entry), new BridgeClient({ ...entry, socket: null })]) {
      expect((await client.health()).instance_id).toBe("test");
      const [result] = await client.publish([queued("one")]);
      expect(result).toMatchObject({ duplicate: false });
      expect(await client.publish([queued("two"), queued("one", { event_id: result?.event_id })])).toMatchObject([
        { duplicate: false },
        { duplicate: true, seq: result?.seq },
      ]);
      await expect(client.publish([queued("a/../b")])).rejects.toMatchObject({ code: "invalid_event" });
      await expect(client.events({ type: ["nonsense"] })).rejects.toMatchObject({ code: "invalid_filter" });
      const page = await client.eventsPage({ type: ["job.*"], project_id: ["p"], limit: 1 });
      expect(page.events).toHaveLength(1);
      expect(await client.events({ after: page.next ?? "" })).not.toHaveLength(0);
      expect((await client.state()).state.jobs).not.toHaveLength(0);
      expect(await client.approvals({ state: "pending" })).toEqual([]);
      await expect(client.approval("none")).rejects.toMatchObject({ code: "unknown_approval" });
      expect(await client.appendLog("one", Buffer.from("hello\n"), 0)).toEqual({ size: 6 });
      expect((await client.logPage("one", { lines: 5 })).lines).toEqual(["hello"]);
      expect((await client.logPage("one", { offset: 0 })).next_offset).toBe(6);
      await expect(client.cancel("one")).rejects.toMatchObject({ code: "not_cancelable" });
      await expect(new BridgeClient({ ...entry, token: "wrong" }).health()).rejects.toMatchObject({
        code: "unauthorized",
      });
    }
  });

  it("agree on the stream and the live state, through broken connections", async () => {
    await using server = await startTestServer();
    const entry = entryOf(server);
    const client = new BridgeClient(entry);
    const condition = new Condition();
    const events: StoredEvent[] = [];
    const refusals: string[] = [];
    await client.publish([queued("job-0")]);
    await using stream = new EventStream({
      connect: async () => entry,
      backoff: FAST,
      filter: { type: ["job.*"] },
      after: "0",
      onEvents: (batch) => {
        events.push(...batch);
        condition.changed();
      },
    });
    await using live = new LiveState({ connect: async () => entry, backoff: FAST });
    live.onDidChange(condition.changed);
    await using refused = new EventStream({
      connect: async () => entry,
      backoff: FAST,
      filter: { type: ["nonsense"] },
      onEvents: () => undefined,
      onRefused: ({ code }) => {
        refusals.push(code);
        condition.changed();
      },
    });
    for (const part of [stream, live, refused]) part.start();
    for (let round = 1; round <= 20; round += 1) {
      await client.publish([queued(`job-${round}`)]);
      if (round % 5 === 0) stream.retryNow();
      if (round % 7 === 0) {
        await stream.stop();
        stream.start();
      }
    }
    await condition.until(() => events.length >= 21 && live.state.jobs.size === 21 && refusals.length > 0);
    expect(events.map(({ job_id }) => job_id)).toEqual(Array.from({ length: 21 }, (_, index) => `job-${index}`));
    expect(stream.cursor).toBe(`${server.store.epoch}-21`);
    expect(refusals[0]).toBe("invalid_filter");
  });

  it("agree on the WebSocket: publish, log, subscribe, tail, and a cancel that reaches the job's runner", async () => {
    await using server = await startTestServer();
    const entry = entryOf(server);
    const condition = new Condition();
    const cancels: unknown[] = [];
    const events: StoredEvent[] = [];
    const frames: LogFrame[] = [];
    await using runner = new BridgeSocket({
      connect: async () => entry,
      onStatus: condition.changed,
      onCancelRequested: (...cancel) => {
        cancels.push(cancel);
        condition.changed();
      },
    });
    await using watcher = new BridgeSocket({ connect: async () => entry, onStatus: condition.changed });
    runner.start();
    watcher.start();
    await condition.until(() => [runner, watcher].every(({ status }) => status.state === "connected"));
    watcher.subscribe({
      after: "0",
      onEvents: (batch) => {
        events.push(...batch);
        condition.changed();
      },
    });
    await runner.publish([queued("job")]);
    await runner.attach("job");
    expect(await runner.log("job", Buffer.from("one\ntwo\n"), 0)).toEqual({ size: 8 });
    const tail = watcher.tail({
      jobId: "job",
      onFrame: (frame) => {
        frames.push(frame);
        condition.changed();
      },
    });
    await condition.until(() => events.length === 1 && frames.length > 0);
    expect(frames.flatMap(({ type, data }) => (type === "log.lines" ? data.lines : []))).toEqual(["one", "two"]);
    tail[Symbol.dispose]();
    await watcher.cancel("job", "enough");
    await condition.until(() => cancels.length === 1);
    expect(cancels).toEqual([["job", "enough"]]);
    await expect(watcher.cancel("other")).rejects.toMatchObject({ code: expect.any(String) });
  });

  it("agree on a log that is followed to its end", async () => {
    await using server = await startTestServer();
    const entry = entryOf(server);
    const client = new BridgeClient(entry);
    await client.publish([queued("job")]);
    await client.appendLog("job", Buffer.from("one\ntwo\n"), 0);
    const lines: string[] = [];
    for await (const frame of followLog({ connect: async () => entry, jobId: "job", backoff: FAST })) {
      if (frame.type === "log.lines") lines.push(...frame.data.lines);
      if (lines.length === 2) {
        await client.appendLog("job", Buffer.from("three\n"), 8);
        server.logs.end("job", "completed");
      }
    }
    expect(lines).toEqual(["one", "two", "three"]);
    const missing = followLog({ connect: async () => entry, jobId: "none", backoff: FAST });
    await expect(missing.next()).rejects.toMatchObject({ code: "unknown_job" });
  });
});
