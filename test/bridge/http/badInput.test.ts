/** Promises 8 and 9 at the door: what is wrong gets its status and a message that names it, and leaves no trace. */
import { once } from "node:events";
import { request } from "node:http";
import { createConnection } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAX_BATCH_EVENTS, MAX_BODY_BYTES } from "../../../shared/protocol/version.ts";
import { progress, type Sent, send, startTestServer, type TestServer, TOKEN } from "./testServer.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

interface Case extends Sent {
  readonly what: string;
  readonly status: number;
  readonly code: string;
  readonly says: RegExp;
}

const JSON_TYPE = { "Content-Type": "application/json" };
const events = (body: string | Buffer, headers: Readonly<Record<string, string>> = JSON_TYPE): Sent => ({
  method: "POST",
  path: "/v1/events",
  headers,
  body,
});
const deep = `{"data":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;

const CASES: readonly Case[] = [
  // Bodies
  { what: "malformed JSON", ...events('{"a":'), status: 400, code: "malformed_json", says: /not valid JSON/ },
  { what: "an empty body", ...events(""), status: 400, code: "malformed_json", says: /empty/ },
  { what: "no UTF-8", ...events(Buffer.from([0x22, 0xff, 0x22])), status: 400, code: "malformed_json", says: /UTF-8/ },
  {
    what: "a malformed line of NDJSON",
    ...events(`${JSON.stringify(progress(1))}\n\n{"a":\n`, { "Content-Type": "application/x-ndjson" }),
    status: 400,
    code: "malformed_json",
    says: /Line 3/,
  },
  { what: "a text", ...events('"hello"'), status: 400, code: "invalid_event", says: /object/ },
  { what: "a batch of nothing", ...events("[]"), status: 400, code: "invalid_request", says: /at least one/ },
  {
    what: "a form, curl's default",
    ...events("a=1", { "Content-Type": "application/x-www-form-urlencoded" }),
    status: 415,
    code: "unsupported_media_type",
    says: /application\/json/,
  },
  {
    what: "another charset",
    ...events("{}", { "Content-Type": "application/json; charset=latin1" }),
    status: 415,
    code: "unsupported_media_type",
    says: /latin1/,
  },
  {
    what: "a compressed body",
    ...events("{}", { ...JSON_TYPE, "Content-Encoding": "gzip" }),
    status: 415,
    code: "unsupported_media_type",
    says: /gzip/,
  },
  {
    what: "a body that is declared too large",
    ...events("x".repeat(MAX_BODY_BYTES + 1)),
    status: 413,
    code: "body_too_large",
    says: new RegExp(String(MAX_BODY_BYTES)),
  },
  {
    what: "a body that grows too large without a length",
    ...events("x".repeat(4 * MAX_BODY_BYTES), { ...JSON_TYPE, "Transfer-Encoding": "chunked" }),
    status: 413,
    code: "body_too_large",
    says: new RegExp(String(MAX_BODY_BYTES)),
  },
  {
    what: "too many events",
    ...events(JSON.stringify(Array.from({ length: MAX_BATCH_EVENTS + 1 }, () => 0))),
    status: 413,
    code: "body_too_large",
    says: /1000/,
  },
  {
    what: "an event that is too large",
    ...events(JSON.stringify(progress(1, { data: { message: "x".repeat(300_000) } }))),
    status: 413,
    code: "event_too_large",
    says: /262144/,
  },
  { what: "an event that is nested without end", ...events(deep), status: 400, code: "invalid_event", says: /nested/ },
  {
    what: "a wrong payload in a batch",
    ...events(JSON.stringify([progress(1), progress(2, { data: { percent: 200 } }), { ...progress(3), job_id: null }])),
    status: 400,
    code: "invalid_event",
    says: /\/1\/data\/percent.*\/2\/job_id/,
  },
  {
    what: "a control event",
    ...events(JSON.stringify(progress(1, { event_type: "stream.gap" }))),
    status: 400,
    code: "invalid_event",
    says: /reserved/,
  },
  {
    what: "a type with a line end",
    ...events(JSON.stringify(progress(1, { event_type: "job.x\nid: 9" }))),
    status: 400,
    code: "invalid_event",
    says: /event_type/,
  },
  {
    what: "a project with a line end",
    ...events(JSON.stringify(progress(1, { project_id: "p\nid: 9" }))),
    status: 400,
    code: "invalid_event",
    says: /control characters/,
  },
  {
    what: "a parameter where there is none",
    ...events("{}"),
    path: "/v1/events?dry_run=1",
    status: 400,
    code: "invalid_request",
    says: /dry_run/,
  },

  // Queries
  { what: "an unknown filter", path: "/v1/events?projet_id=p", status: 400, code: "invalid_filter", says: /projet_id/ },
  { what: "an empty filter", path: "/v1/events?type=", status: 400, code: "invalid_filter", says: /type/ },
  { what: "no pattern", path: "/v1/events?type=jobs.*", status: 400, code: "invalid_filter", says: /jobs\.\*/ },
  { what: "no time", path: "/v1/events?since=yesterday", status: 400, code: "invalid_filter", says: /yesterday/ },
  { what: "no limit", path: "/v1/events?limit=many", status: 400, code: "invalid_filter", says: /limit/ },
  { what: "too high a limit", path: "/v1/events?limit=1001", status: 400, code: "invalid_filter", says: /1000/ },
  { what: "two limits", path: "/v1/events?limit=1&limit=2", status: 400, code: "invalid_filter", says: /once/ },
  { what: "no order", path: "/v1/events?order=up", status: 400, code: "invalid_filter", says: /asc, desc/ },
  { what: "no cursor", path: "/v1/events?after=last", status: 400, code: "invalid_cursor", says: /last/ },
  {
    what: "another store's cursor",
    path: "/v1/events?after=ffffffffffffffff-1",
    status: 400,
    code: "invalid_cursor",
    says: /another store/,
  },
  { what: "crossed cursors", path: "/v1/events?after=5&before=3", status: 400, code: "invalid_cursor", says: /before/ },
  {
    what: "an unknown filter on a stream",
    path: "/v1/events/stream?sesion=1",
    status: 400,
    code: "invalid_filter",
    says: /sesion/,
  },
  {
    what: "no cursor on a stream",
    path: "/v1/events/stream",
    headers: { "Last-Event-ID": "7; DROP TABLE" },
    status: 400,
    code: "invalid_cursor",
    says: /Last-Event-ID/,
  },
  { what: "a parameter of the state", path: "/v1/state?full=1", status: 400, code: "invalid_request", says: /full/ },
  { what: "a parameter of health", path: "/healthz?verbose", status: 400, code: "invalid_request", says: /verbose/ },
  { what: "a parameter of metrics", path: "/metrics?x=1", status: 400, code: "invalid_request", says: /x/ },

  // Jobs
  {
    what: "a job that climbs",
    path: "/v1/jobs/..%2f..%2fetc%2fpasswd/log",
    status: 400,
    code: "invalid_request",
    says: /job_id must consist/,
  },
  { what: "a job of dots", path: "/v1/jobs/../log", status: 400, code: "invalid_request", says: /job_id/ },
  { what: "a job with a NUL", path: "/v1/jobs/a%00b/log", status: 400, code: "invalid_request", says: /job_id/ },
  { what: "no encoding", path: "/v1/jobs/%E0%A4%A/log", status: 400, code: "invalid_request", says: /percent/ },
  {
    what: "a log for a job that climbs",
    method: "POST",
    path: "/v1/jobs/..%2fx/log",
    headers: { "Content-Type": "text/plain" },
    body: "x",
    status: 400,
    code: "invalid_request",
    says: /job_id/,
  },
  {
    what: "a log of another type",
    method: "POST",
    path: "/v1/jobs/j/log",
    headers: JSON_TYPE,
    body: "x",
    status: 415,
    code: "unsupported_media_type",
    says: /octet-stream/,
  },
  {
    what: "a log chunk that is too large",
    method: "POST",
    path: "/v1/jobs/j/log",
    headers: { "Content-Type": "text/plain" },
    body: "x".repeat(MAX_BODY_BYTES + 1),
    status: 413,
    code: "body_too_large",
    says: /1048576/,
  },
  {
    what: "a log offset that is none",
    method: "POST",
    path: "/v1/jobs/j/log?offset=-1",
    headers: { "Content-Type": "text/plain" },
    body: "x",
    status: 400,
    code: "invalid_request",
    says: /offset/,
  },
  {
    what: "a gap in a log",
    method: "POST",
    path: "/v1/jobs/j/log?offset=7",
    headers: { "Content-Type": "text/plain" },
    body: "x",
    status: 409,
    code: "log_offset_conflict",
    says: /"size":0/,
  },
  {
    what: "lines and offset",
    path: "/v1/jobs/j/log?lines=1&offset=1",
    status: 400,
    code: "invalid_request",
    says: /one of/,
  },
  { what: "max_bytes alone", path: "/v1/jobs/j/log?max_bytes=1", status: 400, code: "invalid_request", says: /offset/ },
  { what: "no follow", path: "/v1/jobs/j/log?follow=maybe", status: 400, code: "invalid_request", says: /true, false/ },
  { what: "no such job", path: "/v1/jobs/none/log", status: 404, code: "unknown_job", says: /none/ },
  {
    what: "no such job to follow",
    path: "/v1/jobs/none/log?follow=true",
    status: 404,
    code: "unknown_job",
    says: /none/,
  },
  {
    what: "no log cursor",
    path: "/v1/jobs/j/log?follow=true",
    headers: { "Last-Event-ID": "12" },
    status: 400,
    code: "invalid_cursor",
    says: /generation-offset/,
  },
  {
    what: "canceling nothing",
    method: "POST",
    path: "/v1/jobs/none/cancel",
    status: 404,
    code: "unknown_job",
    says: /none/,
  },
  {
    what: "canceling with more than a reason",
    method: "POST",
    path: "/v1/jobs/j/cancel",
    headers: JSON_TYPE,
    body: '{"signal":9}',
    status: 400,
    code: "invalid_request",
    says: /signal/,
  },

  // Approvals
  { what: "no such approval", path: "/v1/approvals/none", status: 404, code: "unknown_approval", says: /none/ },
  { what: "too long a wait", path: "/v1/approvals/none?wait=301", status: 400, code: "invalid_request", says: /300/ },
  {
    what: "no approval state",
    path: "/v1/approvals?state=open",
    status: 400,
    code: "invalid_request",
    says: /pending/,
  },
  {
    what: "no decision",
    method: "POST",
    path: "/v1/approvals/none",
    headers: JSON_TYPE,
    body: '{"decision":"maybe"}',
    status: 400,
    code: "invalid_request",
    says: /decision/,
  },
  {
    what: "a decision in the bridge's own name",
    method: "POST",
    path: "/v1/approvals/none",
    headers: JSON_TYPE,
    body: '{"decision":"deny","surface":"timeout"}',
    status: 400,
    code: "invalid_request",
    says: /surface/,
  },
  {
    what: "an approval that climbs",
    path: "/v1/approvals/..%2f..%2fx",
    status: 400,
    code: "invalid_request",
    says: /path/,
  },

  // Paths and methods
  { what: "no such path", path: "/v2/events", status: 404, code: "not_found", says: /\/v2\/events/ },
  { what: "a slash too many", path: "/v1/events/", status: 404, code: "not_found", says: /v1\/events/ },
  { what: "a WebSocket without an upgrade", path: "/v1/ws", status: 400, code: "invalid_request", says: /upgrade/ },
  {
    what: "a method that is none",
    method: "DELETE",
    path: "/v1/events",
    status: 405,
    code: "method_not_allowed",
    says: /GET/,
  },

  // The guard
  {
    what: "no token",
    path: "/v1/state",
    headers: { Authorization: "" },
    status: 401,
    code: "unauthorized",
    says: /Bearer/,
  },
  {
    what: "a wrong token",
    path: "/v1/state",
    headers: { Authorization: "Bearer wrong" },
    status: 401,
    code: "unauthorized",
    says: /not this bridge's/,
  },
  {
    what: "another scheme",
    path: "/v1/state",
    headers: { Authorization: `Basic ${TOKEN}` },
    status: 401,
    code: "unauthorized",
    says: /Bearer/,
  },
  {
    what: "the token in the URL",
    path: `/v1/state?token=${TOKEN}`,
    headers: { Authorization: "" },
    status: 401,
    code: "unauthorized",
    says: /Authorization/,
  },
  {
    what: "no token for health",
    path: "/healthz",
    headers: { Authorization: "" },
    status: 401,
    code: "unauthorized",
    says: /token/,
  },
  {
    what: "no token for metrics",
    path: "/metrics",
    headers: { Authorization: "" },
    status: 401,
    code: "unauthorized",
    says: /token/,
  },
  {
    what: "no token for no path",
    path: "/x",
    headers: { Authorization: "" },
    status: 401,
    code: "unauthorized",
    says: /token/,
  },
  {
    what: "no token and a large body",
    ...events("x".repeat(MAX_BODY_BYTES), { Authorization: "" }),
    status: 401,
    code: "unauthorized",
    says: /token/,
  },
  {
    what: "a foreign Host",
    path: "/v1/state",
    headers: { Host: "evil.example" },
    status: 403,
    code: "forbidden_host",
    says: /evil/,
  },
  {
    what: "a foreign Host that looks like ours",
    path: "/v1/state",
    headers: { Host: "localhost.evil.example:80" },
    status: 403,
    code: "forbidden_host",
    says: /evil/,
  },
  {
    what: "a foreign Host, told before the token",
    path: "/v1/state",
    headers: { Host: "evil.example", Authorization: "" },
    status: 403,
    code: "forbidden_host",
    says: /evil/,
  },
  {
    what: "a foreign Origin",
    path: "/v1/state",
    headers: { Origin: "https://evil.example" },
    status: 403,
    code: "forbidden_origin",
    says: /evil/,
  },
  {
    what: "another page of this machine",
    path: "/v1/state",
    headers: { Origin: "http://localhost:3000" },
    status: 403,
    code: "forbidden_origin",
    says: /3000/,
  },
  {
    what: "a null Origin",
    path: "/v1/state",
    headers: { Origin: "null" },
    status: 403,
    code: "forbidden_origin",
    says: /null/,
  },
];

describe("bad input", () => {
  it.each(CASES)("$what: $status $code", async ({ what, status, code, says, ...sent }) => {
    const answer = await send(server, sent);
    expect(
      { status: answer.status, type: answer.headers["content-type"], code: answer.json["code"] },
      answer.text,
    ).toEqual({ status, type: "application/problem+json", code });
    expect(answer.text).toMatch(says);
    expect(answer.text).not.toContain(TOKEN);
    expect(server.store.lastSeq, "nothing was written").toBe(0);
    expect((await server.logs.read("j", { lines: 1 })).size, "nothing was written").toBe(0);
  });

  it("left nothing in the log but what it should", () => {
    expect(server.logLines.join("")).not.toContain(TOKEN);
    expect(server.logLines.filter((line) => / ERROR /.test(line))).toEqual([]);
  });

  it("says which methods there are", async () => {
    const wrong = await send(server, { method: "PUT", path: "/v1/events" });
    expect(wrong.headers.allow).toBe("POST, GET, HEAD, OPTIONS");
    const options = await send(server, { method: "OPTIONS", path: "/v1/events" });
    expect({ status: options.status, allow: options.headers.allow }).toEqual({
      status: 204,
      allow: "POST, GET, HEAD, OPTIONS",
    });
  });

  it("answers a 401 with how to do better", async () => {
    const { headers } = await send(server, { path: "/v1/state", headers: { Authorization: "" } });
    expect(headers["www-authenticate"]).toBe('Bearer realm="televibe"');
  });

  it("refuses a body while it is being read, not after", async () => {
    const outgoing = request(`${server.url}/v1/events`, {
      method: "POST",
      headers: { Authorization: `Bearer ${TOKEN}`, ...JSON_TYPE, "Transfer-Encoding": "chunked" },
      agent: false,
    });
    outgoing.on("error", () => undefined);
    const answered = once(outgoing, "response");
    // Never ended: whoever waits for the end of the body waits for ever.
    outgoing.write("x".repeat(MAX_BODY_BYTES + 1));
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    outgoing.destroy();
  });

  it.each([
    { what: "no HTTP", bytes: "hello\r\n\r\n", status: 400 },
    { what: "a target that is no path", bytes: target("http://localhost/v1/state"), status: 400 },
    { what: "too long a head", bytes: `GET / HTTP/1.1\r\nX: ${"x".repeat(100_000)}\r\n\r\n`, status: 400 },
    { what: "an upgrade to something else", bytes: upgrade("/v1/ws", "h2c"), status: 400 },
    { what: "an upgrade elsewhere", bytes: upgrade("/v1/state", "websocket"), status: 404 },
    { what: "an upgrade without a token", bytes: upgrade("/v1/ws", "websocket", ""), status: 401 },
    {
      what: "an upgrade from a page",
      bytes: upgrade("/v1/ws", "websocket", `Origin: https://evil.example\r\nAuthorization: Bearer ${TOKEN}\r\n`),
      status: 403,
    },
    { what: "an upgrade with parameters", bytes: upgrade("/v1/ws?token=x", "websocket"), status: 400 },
  ])("answers $what with $status", async ({ bytes, status }) => {
    const socket = createConnection({ port: server.port, host: "127.0.0.1" });
    socket.on("error", () => undefined);
    socket.write(bytes);
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text += chunk;
    });
    await once(socket, "close");
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text).toContain("application/problem+json");
  });

  it("still serves after all of it", async () => {
    const answer = await send(server, events(JSON.stringify(progress(1))));
    expect(answer.json).toMatchObject({ results: [{ seq: 1, duplicate: false }] });
  });
});

function target(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`;
}

function upgrade(path: string, protocol: string, extra = `Authorization: Bearer ${TOKEN}\r\n`): string {
  const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${extra}Connection: Upgrade\r\nUpgrade: ${protocol}\r\n${key}\r\n`;
}
