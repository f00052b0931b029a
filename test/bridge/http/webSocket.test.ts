/** `/v1/ws`: publishing, subscribing, logs and cancels on one connection, which no wrong message breaks. */
import { describe, expect, it } from "vitest";
import { MAX_BODY_BYTES } from "../../../shared/protocol/version.ts";
import { CLOSE_SLOW_READER, CLOSE_STOPPING } from "../../../shared/protocol/webSocketMessage.ts";
import { postEvents, progress, send, startTestServer } from "./testServer.ts";
import { eventsOf, openWs, seqsOf } from "./wsClient.ts";

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("publishing", () => {
  it("answers under the request's id, and keeps the order of what is not waited for", async () => {
    await using server = await startTestServer();
    using client = await openWs(server);
    // More than the bridge reads ahead of its answers.
    for (const count of range(1, 600)) client.send({ op: "publish", id: `p${count}`, events: [progress(count)] });
    await client.next((message) => message.op === "published" && message.id === "p600");
    expect(client.messages.map((message) => message.op === "published" && message.results[0]?.seq)).toEqual(
      range(1, 600),
    );
    expect(server.store.events.map(({ data }) => "count" in data && data["count"])).toEqual(range(1, 600));
  });

  it("refuses a batch whole when one of it is wrong", async () => {
    await using server = await startTestServer();
    using client = await openWs(server);
    const answer = await client.ask({
      op: "publish",
      id: "1",
      events: [progress(1), { ...progress(2), job_id: "../x" }],
    });
    expect(answer).toMatchObject({ op: "problem", id: "1", problem: { code: "invalid_event" } });
    expect(JSON.stringify(answer)).toContain("/1/job_id");
    expect(server.store.lastSeq).toBe(0);
  });
});

describe("publishing groups", () => {
  it("refuses those that are wrong, whole and alone", async () => {
    await using server = await startTestServer();
    using client = await openWs(server);
    const wrong = { ...progress(3), job_id: 3 };
    const events = [progress(1), progress(2), wrong, progress(4)];
    const answer = await client.ask({ op: "publish", id: "1", events, groups: [1, 2, 1] });
    expect(answer).toMatchObject({
      op: "published",
      id: "1",
      results: [{ seq: 1 }, { seq: 2 }],
      refused: [{ group: 1, problem: { code: "invalid_event", issues: [{ path: "/1/job_id" }] } }],
    });
    expect(server.store.events.map(({ data }) => "count" in data && data["count"])).toEqual([1, 4]);
    const none = await client.ask({ op: "publish", id: "2", events: [wrong], groups: [1] });
    expect(none).toMatchObject({ op: "published", results: [], refused: [{ group: 0 }] });
  });

  it.each([
    { what: "fewer events", groups: [1], count: 2, code: "invalid_request", says: "/groups" },
    { what: "more events", groups: [2, 1], count: 2, code: "invalid_request", says: "/groups" },
    { what: "an empty group", groups: [0, 2], count: 2, code: "invalid_request", says: "/groups/0" },
    { what: "too many events", groups: [600, 600], count: 1200, code: "body_too_large", says: "not 1200" },
  ])("says what is wrong with $what", async ({ groups, count, code, says }) => {
    await using server = await startTestServer();
    using client = await openWs(server);
    const events = range(1, count).map((each) => progress(each));
    const answer = await client.ask({ op: "publish", id: "1", events, groups });
    expect(answer).toMatchObject({ op: "problem", id: "1", problem: { code } });
    expect(JSON.stringify(answer)).toContain(says);
    expect(server.store.lastSeq).toBe(0);
  });
});

describe("subscribing", () => {
  it("sends the past behind the cursor, caught_up once, then what comes", async () => {
    await using server = await startTestServer();
    await postEvents(
      server,
      range(1, 700).map((count) => progress(count)),
    );
    using client = await openWs(server);
    client.send({ op: "subscribe", id: "s", after: `${server.store.epoch}-100` });
    await client.next((message) => JSON.stringify(message).includes("stream.caught_up"));
    await postEvents(server, [progress(701), progress(702)]);
    await client.next(() => seqsOf(client.messages, "s").includes(702));
    expect(seqsOf(client.messages, "s")).toEqual(range(101, 702));
    const controls = eventsOf(client.messages, "s").filter(({ event_type }) => event_type.startsWith("stream."));
    expect(controls).toEqual([
      { event_type: "stream.opened", data: { epoch: server.store.epoch, first_seq: 1, last_seq: 700, after: 100 } },
      { event_type: "stream.caught_up", data: { seq: 700 } },
    ]);
  });

  it("keeps several subscriptions apart, and ends one without the others", async () => {
    await using server = await startTestServer();
    using client = await openWs(server);
    client.send({ op: "subscribe", id: "a", filter: { project_id: ["a"] }, after: "0" });
    client.send({ op: "subscribe", id: "all", filter: { type: ["job.*"] }, after: "0" });
    await client.ask({ op: "publish", id: "1", events: [progress(1, { project_id: "a" }), progress(2)] });
    await client.next(() => seqsOf(client.messages, "all").length === 2);
    expect(await client.ask({ op: "unsubscribe", id: "a" })).toMatchObject({ op: "done", id: "a" });
    await client.ask({ op: "publish", id: "2", events: [progress(3, { project_id: "a" })] });
    await client.next(() => seqsOf(client.messages, "all").length === 3);
    expect([seqsOf(client.messages, "a"), seqsOf(client.messages, "all")]).toEqual([[1], [1, 2, 3]]);
    expect(server.streamHub.countReaders("ws")).toBe(1);
  });

  it("tells a gap, and begins anew when the store is another", async () => {
    await using server = await startTestServer();
    await postEvents(
      server,
      range(1, 5).map((count) => progress(count)),
    );
    server.store.trim(4);
    using client = await openWs(server);
    client.send({ op: "subscribe", id: "old", after: "1" });
    client.send({ op: "subscribe", id: "other", after: "ffffffffffffffff-9" });
    await client.next(() => seqsOf(client.messages, "other").includes(5) && seqsOf(client.messages, "old").includes(5));
    expect(eventsOf(client.messages, "old")[1]).toEqual({
      event_type: "stream.gap",
      data: { from: 2, to: 3, reason: "retention" },
    });
    expect(eventsOf(client.messages, "other")[1]).toEqual({
      event_type: "stream.gap",
      data: { from: 1, to: 3, reason: "reset" },
    });
  });

  it("forgets what a closed connection had", async () => {
    await using server = await startTestServer();
    using client = await openWs(server);
    client.send({ op: "subscribe", id: "s" });
    await client.ask({ op: "attach", id: "a", job_id: "j" });
    client.socket.close();
    await expect.poll(() => server.streamHub.readerCount).toBe(0);
    await postEvents(server, progress(1));
    const answer = await send(server, { method: "POST", path: "/v1/jobs/j/cancel" });
    expect(answer.json["code"]).toBe("not_cancelable");
  });
});

describe("a wrong message", () => {
  it.each([
    { what: "no JSON", sent: "{", id: null, code: "malformed_json", says: /JSON/ },
    { what: "no object", sent: "7", id: null, code: "invalid_request", says: /object/ },
    { what: "no op", sent: { id: "1" }, id: "1", code: "invalid_request", says: /op/ },
    { what: "an unknown op", sent: { op: "shout", id: "1" }, id: "1", code: "invalid_request", says: /op/ },
    { what: "no id", sent: { op: "publish", events: [] }, id: null, code: "invalid_request", says: /id/ },
    {
      what: "an empty publish",
      sent: { op: "publish", id: "1", events: [] },
      id: "1",
      code: "invalid_request",
      says: /one/,
    },
    {
      what: "a misspelt field",
      sent: { op: "subscribe", id: "1", filters: {} },
      id: "1",
      code: "invalid_request",
      says: /filters/,
    },
    {
      what: "a misspelt filter",
      sent: { op: "subscribe", id: "1", filter: { projet_id: ["p"] } },
      id: "1",
      code: "invalid_request",
      says: /projet_id/,
    },
    {
      what: "no pattern",
      sent: { op: "subscribe", id: "1", filter: { type: ["jobs.*"] } },
      id: "1",
      code: "invalid_filter",
      says: /jobs/,
    },
    { what: "no cursor", sent: { op: "subscribe", id: "1", after: "x" }, id: "1", code: "invalid_cursor", says: /x/ },
    {
      what: "a path-like job",
      sent: { op: "tail", id: "1", job_id: "../x" },
      id: "1",
      code: "invalid_request",
      says: /job_id/,
    },
    { what: "no such job", sent: { op: "tail", id: "1", job_id: "none" }, id: "1", code: "unknown_job", says: /none/ },
    {
      what: "no base64",
      sent: { op: "log", id: "1", job_id: "j", offset: 0, data: "§" },
      id: "1",
      code: "invalid_request",
      says: /data/,
    },
    {
      what: "a gap in a log",
      sent: { op: "log", id: "1", job_id: "j", offset: 9, data: "eA==" },
      id: "1",
      code: "log_offset_conflict",
      says: /shorter/,
    },
    {
      what: "canceling nothing",
      sent: { op: "cancel", id: "1", job_id: "none" },
      id: "1",
      code: "unknown_job",
      says: /none/,
    },
  ])("that is $what is answered with $code, and the connection goes on", async ({ sent, id, code, says }) => {
    await using server = await startTestServer();
    using client = await openWs(server);
    client.send(sent);
    const answer = await client.next((message) => message.op === "problem");
    expect(answer).toMatchObject({ op: "problem", id, problem: { code } });
    expect(JSON.stringify(answer)).toMatch(says);
    expect(server.store.lastSeq).toBe(0);
    expect(await client.ask({ op: "publish", id: "after", events: [progress(1)] })).toMatchObject({ op: "published" });
  });

  it("that is binary is answered as well", async () => {
    await using server = await startTestServer();
    using client = await openWs(server);
    client.socket.send(Buffer.from("{}"));
    expect(await client.next((message) => message.op === "problem")).toMatchObject({
      problem: { code: "malformed_json" },
    });
  });

  it("that takes an id in use is refused", async () => {
    await using server = await startTestServer();
    using client = await openWs(server);
    client.send({ op: "subscribe", id: "s" });
    expect(await client.ask({ op: "subscribe", id: "s" })).toMatchObject({ problem: { code: "invalid_request" } });
  });

  it("that is too large closes this connection, and no other", async () => {
    await using server = await startTestServer();
    using large = await openWs(server);
    using other = await openWs(server);
    large.send("x".repeat(MAX_BODY_BYTES + 1));
    expect(await large.closed).toBe(1009);
    expect(await other.ask({ op: "publish", id: "1", events: [progress(1)] })).toMatchObject({ op: "published" });
  });
});

describe("a job's log and its cancel", () => {
  it("goes in by one connection and out by another, to its end", async () => {
    await using server = await startTestServer();
    using runner = await openWs(server);
    using reader = await openWs(server);
    await runner.ask({ op: "publish", id: "1", events: [progress(1)] });
    const data = Buffer.from("one\ntwo\n").toString("base64");
    expect(await runner.ask({ op: "log", id: "2", job_id: "j", offset: 0, data })).toEqual({
      op: "logged",
      id: "2",
      size: 8,
    });
    reader.send({ op: "tail", id: "t", job_id: "j", offset: 0 });
    await reader.next((message) => message.op === "log");
    const more = Buffer.from("three\n").toString("base64");
    await runner.ask({ op: "log", id: "3", job_id: "j", offset: 8, data: more });
    await reader.next((message) => JSON.stringify(message).includes("three"));
    server.logs.end("j", "completed");
    await reader.next((message) => JSON.stringify(message).includes("log.end"));
    expect(reader.messages.map((message) => message.op === "log" && message.frame)).toEqual([
      { type: "log.lines", data: { offset: 0, next_offset: 8, lines: ["one", "two"] } },
      { type: "log.lines", data: { offset: 8, next_offset: 14, lines: ["three"] } },
      { type: "log.end", data: { offset: 14, job_state: "completed" } },
    ]);
    // The id is free again, and ending what has ended does no harm.
    expect(await reader.ask({ op: "unsubscribe", id: "x" })).toEqual({ op: "done", id: "x" });
  });

  it("asks whoever runs the job to stop it, from a socket or over HTTP", async () => {
    await using server = await startTestServer();
    using runner = await openWs(server);
    using other = await openWs(server);
    await runner.ask({ op: "publish", id: "1", events: [progress(1)] });
    expect(await other.ask({ op: "cancel", id: "early", job_id: "j" })).toMatchObject({
      problem: { code: "not_cancelable" },
    });
    expect(await runner.ask({ op: "attach", id: "2", job_id: "j" })).toEqual({ op: "done", id: "2" });

    expect(await other.ask({ op: "cancel", id: "3", job_id: "j", reason: "wrong branch" })).toEqual({
      op: "done",
      id: "3",
    });
    expect(await runner.next((message) => message.op === "cancel_requested")).toEqual({
      op: "cancel_requested",
      job_id: "j",
      reason: "wrong branch",
    });
    const answer = await send(server, { method: "POST", path: "/v1/jobs/j/cancel" });
    expect({ status: answer.status, body: answer.json }).toEqual({ status: 202, body: { job_id: "j" } });

    await runner.ask({
      op: "publish",
      id: "4",
      events: [{ event_type: "job.canceled", project_id: "p", job_id: "j" }],
    });
    expect(await other.ask({ op: "cancel", id: "late", job_id: "j" })).toMatchObject({
      problem: { code: "not_cancelable", context: { job_state: "canceled" } },
    });
  });
});

describe("the end of a connection", () => {
  it("comes with 4008 for a reader that does not keep up, and others notice nothing", async () => {
    const limits = { maxQueuedBytes: 64 * 1024, maxQueuedEvents: 1000, stallTimeoutMs: 10_000 };
    await using server = await startTestServer({ limits });
    using slow = await openWs(server);
    using healthy = await openWs(server);
    for (const client of [slow, healthy]) {
      client.send({ op: "subscribe", id: "s", after: "0" });
      await client.next((message) => JSON.stringify(message).includes("stream.caught_up"));
    }
    slow.socket.pause();
    for (const count of range(1, 30)) {
      await postEvents(server, progress(count, { data: { message: "x".repeat(100_000) } }));
      await healthy.next(() => seqsOf(healthy.messages, "s").includes(count));
    }
    expect(seqsOf(healthy.messages, "s")).toEqual(range(1, 30));
    expect(server.streamHub.countReaders("ws")).toBe(1);
    const { text } = await send(server, { path: "/metrics" });
    expect(text).toContain('televibe_subscriber_disconnects_total{transport="ws",reason="slow"} 1');
    slow.socket.resume();
    // What the kernel held arrives first; the close frame only if the reader wakes up in time.
    expect([CLOSE_SLOW_READER, 1006]).toContain(await slow.closed);
  });

  it("comes with stream.closing and 4001 when the bridge stops", async () => {
    await using server = await startTestServer();
    using subscriber = await openWs(server);
    using idle = await openWs(server);
    subscriber.send({ op: "subscribe", id: "s" });
    await subscriber.next((message) => JSON.stringify(message).includes("stream.caught_up"));
    await server.http.stop();
    expect([await subscriber.closed, await idle.closed]).toEqual([CLOSE_STOPPING, CLOSE_STOPPING]);
    expect(eventsOf(subscriber.messages, "s").at(-1)?.event_type).toBe("stream.closing");
  });

  it("comes to a connection that answers no ping, and not to one that does", async () => {
    await using server = await startTestServer({ pingIntervalMs: 50 });
    using dead = await openWs(server, { autoPong: false });
    using alive = await openWs(server);
    expect(await dead.closed).toBe(1006);
    expect(await alive.ask({ op: "publish", id: "1", events: [progress(1)] })).toMatchObject({ op: "published" });
  });
});
