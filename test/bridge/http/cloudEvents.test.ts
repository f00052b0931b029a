/** CloudEvents 1.0 at the door: what becomes of them, and what is refused in which words. */
import { describe, expect, it } from "vitest";
import { send, startTestServer, type TestServer } from "./testServer.ts";

const STRUCTURED = "application/cloudevents+json";
const BATCH = "application/cloudevents-batch+json";

const post = (server: TestServer, body: unknown, type = STRUCTURED) =>
  send(server, {
    method: "POST",
    path: "/v1/events",
    headers: { "Content-Type": type },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

const stored = async (server: TestServer) => (await send(server, { path: "/v1/events" })).json["events"];

const event = {
  specversion: "1.0",
  id: "42",
  source: "https://ci.example/shop",
  type: "job.completed",
  time: "2026-11-01T12:00:00+01:00",
  projectid: "shop",
  sessionid: "main",
  jobid: "build-7",
  data: { duration_seconds: 12 },
};

describe("a CloudEvent", () => {
  it("becomes an event, and nothing of it is lost", async () => {
    await using server = await startTestServer();
    const further = { subject: "build", dataschema: "https://example.com/s", traceparent: "00-ab-cd-01" };
    const answer = await post(server, { ...event, ...further, datacontenttype: "application/json; charset=utf-8" });
    expect(answer.json).toMatchObject({ results: [{ seq: 1, duplicate: false }] });
    expect(await stored(server)).toEqual([
      {
        event_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-/),
        event_type: "job.completed",
        timestamp: "2026-11-01T11:00:00.000Z",
        source: { component: "cloudevent", instance_id: "https:/ci.example/shop" },
        project_id: "shop",
        session_id: "main",
        job_id: "build-7",
        data: { duration_seconds: 12, cloudevent: { id: "42", source: "https://ci.example/shop", ...further } },
        visibility: "public",
        recipients: ["all"],
        seq: 1,
      },
    ]);
  });

  it("is one event however often it is sent, and another one when its source is another", async () => {
    await using server = await startTestServer();
    const results = [];
    for (const source of ["/a", "/a", "/b"]) results.push((await post(server, { ...event, source })).json["results"]);
    expect(results).toMatchObject([
      [{ seq: 1, duplicate: false }],
      [{ seq: 1, duplicate: true }],
      [{ seq: 2, duplicate: false }],
    ]);
  });

  it("keeps an id that is a UUID", async () => {
    await using server = await startTestServer();
    const id = "01A20A60-2A01-726D-99D6-F49C1B38E327";
    expect((await post(server, { ...event, id })).json).toMatchObject({ results: [{ event_id: id.toLowerCase() }] });
  });

  it.each([
    "urn:uuid:6e8bc430",
    "/",
    "//",
    "..",
    "mailto:a@b",
    "C:\\ci",
    " ",
    `https://${"x".repeat(500)}/`,
    "a\u0000b",
  ])("may come from any source: %j", async (source) => {
    await using server = await startTestServer();
    expect((await post(server, { ...event, source })).status).toBe(200);
    expect(await stored(server)).toMatchObject([{ data: { cloudevent: { source } } }]);
  });

  it.each([
    { name: "another version", change: { specversion: "0.3" }, path: "/specversion" },
    { name: "no id", change: { id: undefined }, path: "/id" },
    { name: "an empty source", change: { source: "" }, path: "/source" },
    { name: "no such type", change: { type: "com.example.built" }, path: "/type" },
    { name: "no time", change: { time: "yesterday" }, path: "/time" },
    { name: "no project", change: { projectid: undefined }, path: "/projectid" },
    { name: "a path for a session", change: { sessionid: "../main" }, path: "/sessionid" },
    { name: "no job", change: { jobid: undefined }, path: "/jobid" },
    { name: "our name for it", change: { project_id: "shop" }, path: "/project_id" },
    { name: "XML", change: { datacontenttype: "text/xml" }, path: "/datacontenttype" },
    { name: "text", change: { data: "built" }, path: "/data" },
    { name: "bytes", change: { data: undefined, data_base64: "e30=" }, path: "/data_base64" },
    { name: "a wrong payload", change: { data: { duration_seconds: "long" } }, path: "/data/duration_seconds" },
    { name: "our own place in it", change: { data: { cloudevent: 1 } }, path: "/data/cloudevent" },
  ])("is refused: $name", async ({ change, path }) => {
    await using server = await startTestServer();
    const { status, json } = await post(server, { ...event, ...change });
    expect({ status, json }).toMatchObject({ status: 400, json: { code: "invalid_event", issues: [{ path }] } });
    expect(json["detail"]).toContain(path);
    expect(await stored(server)).toEqual([]);
  });

  it("is one, not several", async () => {
    await using server = await startTestServer();
    expect((await post(server, [event])).json).toMatchObject({ code: "invalid_event" });
  });
});

describe("a batch of CloudEvents", () => {
  it("is published in order", async () => {
    await using server = await startTestServer();
    const { json } = await post(server, [event, { ...event, id: "43" }], BATCH);
    expect(json).toMatchObject({ results: [{ seq: 1 }, { seq: 2 }] });
  });

  it("may be empty", async () => {
    await using server = await startTestServer();
    expect((await post(server, [], BATCH)).json).toEqual({ results: [] });
  });

  it("is published whole or not at all, and says which is wrong", async () => {
    await using server = await startTestServer();
    const { status, json } = await post(server, [event, { ...event, jobid: "a b" }], BATCH);
    expect({ status, json }).toMatchObject({ status: 400, json: { issues: [{ path: "/1/jobid" }] } });
    expect(await stored(server)).toEqual([]);
  });

  it("is an array", async () => {
    await using server = await startTestServer();
    expect((await post(server, event, BATCH)).json).toMatchObject({ code: "invalid_request" });
    expect((await post(server, "[", BATCH)).json).toMatchObject({ code: "malformed_json" });
  });
});
