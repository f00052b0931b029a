/** A job's log over HTTP: bytes in at an offset, lines out as a page or a stream that resumes and ends. */
import { describe, expect, it } from "vitest";
import { openSse } from "./sseReader.ts";
import { postEvents, progress, send, startTestServer, type TestServer } from "./testServer.ts";

const append = (server: TestServer, text: string, offset?: number) =>
  send(server, {
    method: "POST",
    path: `/v1/jobs/j/log${offset === undefined ? "" : `?offset=${offset}`}`,
    headers: { "Content-Type": "application/octet-stream" },
    body: text,
  });

/** The events between which a log is followed: a job that nobody has announced has none that could grow. */
const running = progress(1);
const completed = { event_type: "job.completed", project_id: "p", job_id: "j" };

describe("appending", () => {
  it("goes to the end, or to an offset, and says how large the log is", async () => {
    await using server = await startTestServer();
    expect((await append(server, "one\n")).json).toEqual({ size: 4 });
    expect((await append(server, "two\n", 4)).json).toEqual({ size: 8 });
    expect((await append(server, "two\nthree\n", 4)).json, "what is there is passed over").toEqual({ size: 14 });
    expect((await append(server, "x", 99)).json).toMatchObject({ code: "log_offset_conflict", context: { size: 14 } });
  });
});

describe("a page", () => {
  it("has the last lines, or what begins at an offset", async () => {
    await using server = await startTestServer();
    await append(server, "one\ntwo\nthree\n");
    const last = await send(server, { path: "/v1/jobs/j/log?lines=2" });
    expect(last.json).toMatchObject({ job_id: "j", offset: 4, next_offset: 14, size: 14, lines: ["two", "three"] });
    const from = await send(server, { path: "/v1/jobs/j/log?offset=8&max_bytes=100" });
    expect(from.json).toMatchObject({ offset: 8, lines: ["three"] });
  });

  it("is empty for a job that has written nothing yet", async () => {
    await using server = await startTestServer();
    await postEvents(server, progress(1));
    expect((await send(server, { path: "/v1/jobs/j/log" })).json).toMatchObject({ size: 0, lines: [] });
  });
});

describe("following", () => {
  it("sends what is there, then what comes, and ends with the job", async () => {
    await using server = await startTestServer();
    await postEvents(server, running);
    await append(server, "one\ntwo\n");
    using reader = await openSse(server, "/v1/jobs/j/log?follow=true&lines=1");
    await reader.until(({ event }) => event === "log.lines");
    await append(server, "three\n");
    await reader.until(({ data }) => data["next_offset"] === 14);
    await postEvents(server, completed);
    await reader.ended;
    const generation = await server.logs.generation("j");
    expect(reader.frames).toEqual([
      { id: `${generation}-8`, event: "log.lines", data: { offset: 4, next_offset: 8, lines: ["two"] } },
      { id: `${generation}-14`, event: "log.lines", data: { offset: 8, next_offset: 14, lines: ["three"] } },
      { id: `${generation}-14`, event: "log.end", data: { offset: 14, job_state: "completed" } },
    ]);
  });

  it("resumes at Last-Event-ID, which wins over the address", async () => {
    await using server = await startTestServer();
    await append(server, "one\ntwo\n");
    await postEvents(server, completed);
    const id = `${await server.logs.generation("j")}-4`;
    using reader = await openSse(server, "/v1/jobs/j/log?follow=true&offset=0", { "Last-Event-ID": id });
    await reader.ended;
    expect(reader.frames.map(({ event, data }) => [event, data["offset"]])).toEqual([
      ["log.lines", 4],
      ["log.end", 8],
    ]);
  });

  it("tells the end again to whoever comes back after it", async () => {
    await using server = await startTestServer();
    await append(server, "one\n");
    await postEvents(server, completed);
    using first = await openSse(server, "/v1/jobs/j/log?follow=true");
    await first.ended;
    using again = await openSse(server, "/v1/jobs/j/log?follow=true", {
      "Last-Event-ID": first.frames.at(-1)?.id ?? "",
    });
    await again.ended;
    expect(again.response.statusCode).toBe(200);
    expect(again.frames.map(({ event }) => event)).toEqual(["log.end"]);
  });

  it("says that the file is another one", async () => {
    await using server = await startTestServer();
    await append(server, "one\n");
    await postEvents(server, completed);
    using reader = await openSse(server, "/v1/jobs/j/log?follow=true", { "Last-Event-ID": "ffffffffffffffff-100" });
    await reader.ended;
    expect(reader.frames.map(({ event }) => event)).toEqual(["log.reset", "log.lines", "log.end"]);
    expect(reader.frames[0]?.id).toBe(`${await server.logs.generation("j")}-0`);
  });

  it("ends for a job that had ended before this bridge began", async () => {
    await using server = await startTestServer();
    await postEvents(server, [running, completed]);
    using reader = await openSse(server, "/v1/jobs/j/log?follow=true");
    await reader.ended;
    expect(reader.frames.map(({ event, data }) => [event, data["job_state"]])).toEqual([["log.end", "completed"]]);
  });

  it("cuts off a follower that takes nothing, tells it why, and goes on by its cursor with nothing lost or doubled", async () => {
    const limits = { maxQueuedBytes: 1024 * 1024, maxQueuedEvents: 1000, stallTimeoutMs: 100 };
    await using server = await startTestServer({ limits, heartbeatIntervalMs: 50 });
    const lines = Array.from({ length: 300 }, (_, index) => `${index} ${"x".repeat(50_000)}`);
    for (let start = 0; start < lines.length; start += 10) {
      await append(server, `${lines.slice(start, start + 10).join("\n")}\n`);
    }
    await postEvents(server, completed);

    using stuck = await openSse(server, "/v1/jobs/j/log?follow=true&offset=0");
    stuck.response.pause();
    await expect
      .poll(async () => (await send(server, { path: "/metrics" })).text, { timeout: 10_000 })
      .toContain('televibe_subscriber_disconnects_total{transport="sse",reason="stalled"} 1');
    stuck.response.resume();
    await stuck.ended;
    const farewell = stuck.frames.at(-1);
    expect(farewell).toMatchObject({
      event: "stream.closing",
      data: { reason: expect.stringContaining("too slowly") },
    });
    expect(stuck.frames.some(({ event }) => event === "log.end")).toBe(false);

    const last = stuck.frames.findLast(({ event }) => event === "log.lines");
    using again = await openSse(server, "/v1/jobs/j/log?follow=true", { "Last-Event-ID": last?.id ?? "" });
    await again.ended;
    expect([...stuck.frames, ...again.frames].flatMap(({ data }) => data["lines"] ?? [])).toEqual(lines);
    expect(again.frames.at(-1)?.event).toBe("log.end");
  });

  it("ends when the bridge stops", async () => {
    await using server = await startTestServer();
    await postEvents(server, running);
    await append(server, "one\n");
    using reader = await openSse(server, "/v1/jobs/j/log?follow=true");
    await reader.until(({ event }) => event === "log.lines");
    await server.http.stop();
    await reader.ended;
  });
});
