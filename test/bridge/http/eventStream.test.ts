/** Promises 2, 4 and 6 on the event stream: order, resuming exactly once, honest gaps, and no reader slowed by another. */
import { once } from "node:events";
import { createConnection } from "node:net";
import { EventSource } from "eventsource";
import { describe, expect, it } from "vitest";
import { OutgoingEvent, sseEncoding } from "../../../bridge/stream/streamEncoding.ts";
import type { StoredEvent } from "../../../shared/events/event.ts";
import { MemoryStore } from "../../fakes/memoryStore.ts";
import { controls, openSse, seqs } from "./sseReader.ts";
import { postEvents, progress, send, startTestServer, type TestServer, TOKEN } from "./testServer.ts";

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

async function publish(server: TestServer, count: number, extra: Readonly<Record<string, unknown>> = {}) {
  const { status, text } = await postEvents(
    server,
    Array.from({ length: count }, (_, index) => progress(index, extra)),
  );
  expect(status, text).toBe(200);
}

describe("reading the stream", () => {
  it("has the right head and tells how long to wait before coming back", async () => {
    await using server = await startTestServer();
    using reader = await openSse(server, "/v1/events/stream");
    await reader.until(({ event }) => event === "stream.caught_up");
    expect(reader.response.statusCode).toBe(200);
    expect(reader.response.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    expect(reader.raw()).toMatch(/^retry: \d+\n\n/);
    expect(reader.retryMs()).toBeGreaterThanOrEqual(2500);
    expect(reader.retryMs()).toBeLessThanOrEqual(4500);
  });

  it("begins now without a cursor, and says so", async () => {
    await using server = await startTestServer();
    await publish(server, 3);
    using reader = await openSse(server, "/v1/events/stream");
    await reader.until(({ event }) => event === "stream.caught_up");
    await publish(server, 2);
    await reader.until(({ data }) => data["seq"] === 5);
    const { epoch } = server.store;
    expect(controls(reader.frames)).toEqual([
      { event: "stream.opened", data: { epoch, first_seq: 1, last_seq: 3, after: 3 } },
      { event: "stream.caught_up", data: { seq: 3 } },
    ]);
    expect(seqs(reader.frames)).toEqual([4, 5]);
  });

  it("sends everything after 0: the past, one caught_up, then what comes", async () => {
    await using server = await startTestServer();
    await publish(server, 1000);
    await publish(server, 203);
    using reader = await openSse(server, "/v1/events/stream?after=0");
    await reader.until(({ event }) => event === "stream.caught_up");
    await publish(server, 2);
    await reader.until(({ data }) => data["seq"] === 1205);
    expect(seqs(reader.frames)).toEqual(range(1, 1205));
    expect(reader.frames.map(({ event }) => event).indexOf("stream.caught_up")).toBe(1204);
    expect(reader.frames.filter(({ event }) => event === "stream.caught_up")).toHaveLength(1);
    const ids = reader.frames.filter(({ event }) => event === "job.progress").map(({ id }) => id);
    expect(ids).toEqual(range(1, 1205).map((seq) => `${server.store.epoch}-${seq}`));
  });

  it("sends all that is published while it catches up, once and in order", async () => {
    await using server = await startTestServer();
    await publish(server, 1000);
    let pages = 0;
    server.store.beforeQuery = async () => {
      pages += 1;
      // Something comes between every page and the next one, and while the last one is on its way.
      if (pages <= 5) await publish(server, 3);
    };
    using reader = await openSse(server, "/v1/events/stream?after=0");
    await reader.until(({ event }) => event === "stream.caught_up");
    await publish(server, 1);
    const last = server.store.lastSeq;
    await reader.until(({ data }) => data["seq"] === last);
    expect(seqs(reader.frames)).toEqual(range(1, last));
  });

  it("resumes at Last-Event-ID, which wins over the address, exactly once", async () => {
    await using server = await startTestServer();
    await publish(server, 20);
    const seen: number[] = [];
    let lastId = "";
    for (const stopAt of [7, 13, 20]) {
      using reader = await openSse(
        server,
        "/v1/events/stream?after=0&last_event_id=3",
        lastId === "" ? {} : { "Last-Event-ID": lastId },
      );
      const frames = await reader.until(({ data }) => data["seq"] === stopAt);
      const end = frames.findIndex(({ data }) => data["seq"] === stopAt);
      seen.push(...seqs(frames.slice(0, end + 1)));
      lastId = frames[end]?.id ?? "";
    }
    expect(seen).toEqual(range(1, 20));
  });

  it("takes the cursor from last_event_id as well", async () => {
    await using server = await startTestServer();
    await publish(server, 5);
    using reader = await openSse(server, `/v1/events/stream?last_event_id=${server.store.epoch}-3`);
    await reader.until(({ event }) => event === "stream.caught_up");
    expect(seqs(reader.frames)).toEqual([4, 5]);
  });

  it("filters the past and what comes alike", async () => {
    await using server = await startTestServer();
    await publish(server, 2, { project_id: "a" });
    await publish(server, 2, { project_id: "b" });
    using reader = await openSse(server, "/v1/events/stream?after=0&project_id=b&type=job.*");
    await reader.until(({ event }) => event === "stream.caught_up");
    await publish(server, 1, { project_id: "a" });
    await publish(server, 1, { project_id: "b" });
    await reader.until(({ data }) => data["seq"] === 6);
    expect(seqs(reader.frames)).toEqual([3, 4, 6]);
  });

  it("answers HEAD with the head alone", async () => {
    await using server = await startTestServer();
    const answer = await send(server, { method: "HEAD", path: "/v1/events/stream" });
    expect(answer.status).toBe(200);
    expect(answer.text).toBe("");
    expect(server.streamHub.readerCount).toBe(0);
  });

  it("forgets a reader that leaves", async () => {
    await using server = await startTestServer();
    using reader = await openSse(server, "/v1/events/stream");
    await reader.until(({ event }) => event === "stream.caught_up");
    expect(server.streamHub.countReaders("sse")).toBe(1);
    reader[Symbol.dispose]();
    await expect.poll(() => server.streamHub.countReaders("sse")).toBe(0);
  });
});

describe("what a reader cannot have", () => {
  it("is told what retention took, before anything else", async () => {
    const store = new MemoryStore();
    await using server = await startTestServer({ store });
    await publish(server, 9);
    store.trim(5);
    using reader = await openSse(server, "/v1/events/stream", { "Last-Event-ID": `${store.epoch}-2` });
    await reader.until(({ event }) => event === "stream.caught_up");
    expect(reader.frames.slice(0, 2).map(({ id, event, data }) => ({ id, event, data }))).toEqual([
      { id: undefined, event: "stream.opened", data: { epoch: store.epoch, first_seq: 5, last_seq: 9, after: 4 } },
      { id: `${store.epoch}-4`, event: "stream.gap", data: { from: 3, to: 4, reason: "retention" } },
    ]);
    expect(seqs(reader.frames)).toEqual([5, 6, 7, 8, 9]);
  });

  it.each([
    { what: "of another store", cursor: () => "ffffffffffffffff-3" },
    { what: "ahead of the store", cursor: (epoch: string) => `${epoch}-999` },
  ])("begins anew behind a reset when its cursor is $what", async ({ cursor }) => {
    await using server = await startTestServer();
    await publish(server, 3);
    using reader = await openSse(server, "/v1/events/stream", { "Last-Event-ID": cursor(server.store.epoch) });
    await reader.until(({ event }) => event === "stream.caught_up");
    expect(controls(reader.frames)[1]).toEqual({
      event: "stream.gap",
      data: { from: 1, to: 0, reason: "reset" },
    });
    expect(seqs(reader.frames)).toEqual([1, 2, 3]);
  });

  it("is told once what retention took between others, and gets those", async () => {
    const store = new MemoryStore();
    await using server = await startTestServer({ store });
    await publish(server, 1000);
    await publish(server, 300);
    store.thin(3, 1200, [5, 700, 1100]);
    using reader = await openSse(server, "/v1/events/stream?after=1");
    await reader.until(({ event }) => event === "stream.caught_up");
    expect(seqs(reader.frames)).toEqual([2, 5, 700, 1100, ...range(1201, 1300)]);
    const gaps = reader.frames.filter(({ event }) => event === "stream.gap");
    expect(gaps.map(({ id, data }) => ({ id, data }))).toEqual([
      { id: `${store.epoch}-2`, data: { from: 3, to: 1200, reason: "retention" } },
    ]);
    // Whoever comes back from in between is told what of it lies before it still.
    using again = await openSse(server, "/v1/events/stream", { "Last-Event-ID": `${store.epoch}-700` });
    await again.until(({ event }) => event === "stream.caught_up");
    expect(controls(again.frames)[1]).toEqual({
      event: "stream.gap",
      data: { from: 701, to: 1200, reason: "retention" },
    });
    expect(seqs(again.frames).slice(0, 2)).toEqual([1100, 1201]);
  });

  it("is told what damage took, in its place", async () => {
    const store = new MemoryStore();
    await using server = await startTestServer({ store });
    await publish(server, 6);
    store.lose(3, 4);
    using reader = await openSse(server, "/v1/events/stream?after=0");
    await reader.until(({ event }) => event === "stream.caught_up");
    expect(reader.frames.map(({ event, data }) => (event === "job.progress" ? data["seq"] : event))).toEqual([
      "stream.opened",
      1,
      2,
      "stream.gap",
      5,
      6,
      "stream.caught_up",
    ]);
    expect(controls(reader.frames)[1]?.data).toEqual({ from: 3, to: 4, reason: "corrupt" });
  });

  it("is told what retention took while it was reading", async () => {
    const store = new MemoryStore();
    await using server = await startTestServer({ store });
    await publish(server, 1000);
    let pages = 0;
    store.beforeQuery = async () => {
      pages += 1;
      if (pages === 2) store.trim(601);
    };
    using reader = await openSse(server, "/v1/events/stream?after=0");
    await reader.until(({ event }) => event === "stream.caught_up");
    expect(seqs(reader.frames)).toEqual([...range(1, 500), ...range(601, 1000)]);
    expect(controls(reader.frames)[1]).toEqual({
      event: "stream.gap",
      data: { from: 501, to: 600, reason: "retention" },
    });
  });
});

describe("a quiet stream", () => {
  it("says where it stands at each heartbeat", async () => {
    await using server = await startTestServer({ heartbeatIntervalMs: 50 });
    await publish(server, 2);
    using reader = await openSse(server, "/v1/events/stream?type=session.*");
    await reader.until(({ event }) => event === "stream.caught_up");
    await publish(server, 1);
    await reader.until(({ event, data }) => event === "stream.cursor" && data["seq"] === 3);
    expect(reader.frames.find(({ event }) => event === "stream.cursor")?.id).toMatch(/^[0-9a-f]+-[23]$/);
  });

  it("moves the cursor of a narrow filter after 1,000 events that it left out", async () => {
    await using server = await startTestServer();
    using reader = await openSse(server, "/v1/events/stream?type=session.*");
    await reader.until(({ event }) => event === "stream.caught_up");
    await publish(server, 999);
    await publish(server, 1);
    await reader.until(({ event }) => event === "stream.cursor");
    expect(controls(reader.frames).at(-1)).toEqual({ event: "stream.cursor", data: { seq: 1000 } });
  });
});

describe("readers and each other", () => {
  it("cuts off a reader that takes nothing, while the others get everything", async () => {
    await using server = await startTestServer();
    const stuck = createConnection({ path: server.socketPath });
    stuck.write(`GET /v1/events/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
    await once(stuck, "readable");
    stuck.pause();
    await expect.poll(() => server.streamHub.readerCount).toBe(1);
    using healthy = await openSse(server, "/v1/events/stream");
    await healthy.until(({ event }) => event === "stream.caught_up");

    const message = "x".repeat(200_000);
    for (let count = 1; count <= 60; count += 1) {
      await publish(server, 1, { data: { message } });
      await healthy.until(({ data }) => data["seq"] === count);
    }
    expect(seqs(healthy.frames)).toEqual(range(1, 60));
    expect(server.streamHub.readerCount, "the stuck reader is gone").toBe(1);
    const { text } = await send(server, { path: "/metrics" });
    expect(text).toContain('televibe_subscriber_disconnects_total{transport="sse",reason="slow"} 1');
    stuck.destroy();
  });

  it("cuts off a reader that stalls while it catches up", async () => {
    const limits = { maxQueuedBytes: 1024 * 1024, maxQueuedEvents: 1000, stallTimeoutMs: 100 };
    await using server = await startTestServer({ limits, heartbeatIntervalMs: 50 });
    const message = "x".repeat(200_000);
    for (let count = 0; count < 40; count += 1) await publish(server, 1, { data: { message } });
    const stuck = createConnection({ path: server.socketPath });
    stuck.write(`GET /v1/events/stream?after=0 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
    await once(stuck, "readable");
    stuck.pause();
    await expect.poll(() => server.streamHub.readerCount).toBe(0);
    const { text } = await send(server, { path: "/metrics" });
    expect(text).toContain('televibe_subscriber_disconnects_total{transport="sse",reason="stalled"} 1');

    // It goes on after all: at the end of what was kept for it stands why it was cut off.
    let read = "";
    stuck.setEncoding("utf8").on("data", (text: string) => {
      read += text;
    });
    stuck.resume();
    await once(stuck, "close");
    expect(read.slice(read.lastIndexOf("event:"))).toMatch(
      /^event: stream.closing\ndata: \{"reason":"This was read too slowly: nothing of it was taken.*","retry_ms":\d+\}\n\n$/,
    );
  });

  it("serves many readers of several filters from shared buffers", async () => {
    await using server = await startTestServer();
    const paths = ["", "?project_id=a", "?project_id=b", "?type=job.*", "?type=session.*"];
    const readers = await Promise.all(
      range(0, 19).map((index) => openSse(server, `/v1/events/stream${paths[index % paths.length]}`)),
    );
    await Promise.all(readers.map((reader) => reader.until(({ event }) => event === "stream.caught_up")));
    await postEvents(server, [progress(1, { project_id: "a" }), progress(2, { project_id: "b" })]);
    const expected = [[1, 2], [1], [2], [1, 2], []];
    await expect
      .poll(() => readers.map((reader) => seqs(reader.frames)))
      .toEqual(readers.map((_, index) => expected[index % expected.length]));
    for (const reader of readers) reader[Symbol.dispose]();
  });
});

describe("the bridge's stop", () => {
  it("tells every reader, then ends the stream", async () => {
    await using server = await startTestServer();
    using reader = await openSse(server, "/v1/events/stream");
    await reader.until(({ event }) => event === "stream.caught_up");
    const stopped = server.http.stop();
    await reader.ended;
    await stopped;
    const last = controls(reader.frames).at(-1);
    expect(last?.event).toBe("stream.closing");
    expect(last?.data["retry_ms"]).toBe(reader.retryMs());
  });

  it.each([
    { what: "what comes", query: "" },
    { what: "the past", query: "?after=0" },
  ])("ends even when a reader takes nothing of $what", async ({ query }) => {
    await using server = await startTestServer();
    const message = "x".repeat(200_000);
    const large = () => publish(server, 4, { data: { message } });
    await large();
    const stuck = createConnection({ path: server.socketPath });
    stuck.write(`GET /v1/events/stream${query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
    await once(stuck, "readable");
    stuck.pause();
    await large();
    const closed = once(stuck, "close");
    await server.http.stop();
    stuck.resume();
    await closed;
  });
});

describe("the stream in the eventsource package", () => {
  it("arrives as it was sent, control events and odd texts included", async () => {
    await using server = await startTestServer();
    const texts = ["plain", "line\nfeed", "cr\r\nlf\rcr", "\u2028\u2029\u0000", "data: x\n\nid: 9", "ünï 🚀", ":"];
    await postEvents(
      server,
      texts.map((message, count) => progress(count, { data: { message } })),
    );
    const source = new EventSource(`${server.url}/v1/events/stream?after=0`, {
      fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, Authorization: `Bearer ${TOKEN}` } }),
    });
    const got: { id: string; message: unknown }[] = [];
    source.addEventListener("job.progress", ({ data, lastEventId }) => {
      got.push({ id: lastEventId, message: JSON.parse(data).data.message });
    });
    await new Promise((resolve) => source.addEventListener("stream.caught_up", resolve, { once: true }));
    source.close();
    expect(got).toEqual(texts.map((message, index) => ({ id: `${server.store.epoch}-${index + 1}`, message })));
  });

  it("lets no event type forge a field, even one that got past the door", () => {
    const forged = { ...progress(1), event_type: "job.x\nid: evil\n\ndata: {}", seq: 1 } as unknown;
    const frame = sseEncoding("0123456789abcdef")
      .encodeEvents([new OutgoingEvent(forged as StoredEvent)])
      .toString();
    expect(frame.split("\n").filter((line) => line !== "")).toHaveLength(3);
    expect(frame).toMatch(/^id: 0123456789abcdef-1\nevent: message\ndata: \{.*\}\n\n$/);
  });
});
