/** Promises 8 and 9 at the real bridge's door: what is wrong gets its status and a message that names it, and leaves no trace. */
import { once } from "node:events";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { MAX_BODY_BYTES } from "../../shared/protocol/version.ts";
import { type BridgeProcess, startBridgeProcess, temporaryFolder } from "../support/bridgeProcess.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let bridge: BridgeProcess;

beforeAll(async () => {
  folder = await temporaryFolder();
  bridge = await startBridgeProcess({ dataDir: folder.path });
});

afterAll(async () => {
  await bridge.kill();
  await folder[Symbol.asyncDispose]();
});

interface Case {
  readonly what: string;
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
  readonly code: string;
  readonly says: RegExp;
}

const JSON_TYPE = { "Content-Type": "application/json" };
const post = (body: unknown) => ({
  method: "POST",
  path: "/v1/events",
  headers: JSON_TYPE,
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const started = { event_type: "job.started", project_id: "p", job_id: "j", data: { instruction: "build" } };

const CASES: readonly Case[] = [
  { what: "malformed JSON", ...post('{"event_type": '), status: 400, code: "malformed_json", says: /JSON/ },
  { what: "no object", ...post('"hello"'), status: 400, code: "invalid_event", says: /object/i },
  { what: "an empty batch", ...post([]), status: 400, code: "invalid_request", says: /event/i },
  {
    what: "no project",
    ...post({ ...started, project_id: undefined }),
    status: 400,
    code: "invalid_event",
    says: /\/project_id/,
  },
  {
    what: "no job for a job's event",
    ...post({ ...started, job_id: undefined }),
    status: 400,
    code: "invalid_event",
    says: /\/job_id/,
  },
  {
    what: "a wrong payload",
    ...post({ ...started, data: { instruction: 7 } }),
    status: 400,
    code: "invalid_event",
    says: /\/data\/instruction/,
  },
  {
    what: "a wrong payload in a batch",
    ...post([started, { ...started, data: {} }]),
    status: 400,
    code: "invalid_event",
    says: /\/1\/data\/instruction/,
  },
  {
    what: "an unknown domain",
    ...post({ ...started, event_type: "jobs.started" }),
    status: 400,
    code: "invalid_event",
    says: /jobs\.started/,
  },
  {
    what: "a forged control event",
    ...post({ ...started, event_type: "stream.gap" }),
    status: 400,
    code: "invalid_event",
    says: /reserved/,
  },
  {
    what: "a misspelt field",
    ...post({ ...started, sesion_id: "s" }),
    status: 400,
    code: "invalid_event",
    says: /sesion_id/,
  },
  {
    what: "a project that climbs",
    ...post({ ...started, project_id: "../../etc" }),
    status: 400,
    code: "invalid_event",
    says: /path/,
  },
  {
    what: "a job that climbs",
    ...post({ ...started, job_id: "../passwd" }),
    status: 400,
    code: "invalid_event",
    says: /\/job_id/,
  },
  {
    what: "a project with a line feed",
    ...post({ ...started, project_id: "a\nid: 9" }),
    status: 400,
    code: "invalid_event",
    says: /control/,
  },
  {
    what: "an event_id that is none",
    ...post({ ...started, event_id: "1" }),
    status: 400,
    code: "invalid_event",
    says: /UUID/,
  },
  {
    what: "a time that is none",
    ...post({ ...started, timestamp: "yesterday" }),
    status: 400,
    code: "invalid_event",
    says: /\/timestamp/,
  },
  {
    what: "a body of another type",
    ...post(started),
    headers: { "Content-Type": "text/html" },
    status: 415,
    code: "unsupported_media_type",
    says: /text\/html/,
  },
  {
    what: "an oversized body",
    ...post("x".repeat(MAX_BODY_BYTES + 1)),
    status: 413,
    code: "body_too_large",
    says: /1048576|1 MiB/,
  },
  {
    what: "an oversized event",
    ...post({ ...started, data: { instruction: "x".repeat(300_000) } }),
    status: 413,
    code: "event_too_large",
    says: /262144|256 KiB/,
  },
  { what: "an unknown filter", path: "/v1/events?projet_id=p", status: 400, code: "invalid_filter", says: /projet_id/ },
  {
    what: "an unknown filter on a stream",
    path: "/v1/events/stream?sesion=p",
    status: 400,
    code: "invalid_filter",
    says: /sesion/,
  },
  {
    what: "a pattern that is none",
    path: "/v1/events?type=job.%25",
    status: 400,
    code: "invalid_filter",
    says: /job\.%/,
  },
  {
    what: "a pattern of no domain",
    path: "/v1/events?type=jobs.*",
    status: 400,
    code: "invalid_filter",
    says: /jobs\.\*/,
  },
  { what: "a limit that is none", path: "/v1/events?limit=many", status: 400, code: "invalid_filter", says: /limit/ },
  { what: "a cursor that is none", path: "/v1/events?after=last", status: 400, code: "invalid_cursor", says: /last/ },
  {
    what: "a path-like job",
    path: "/v1/jobs/..%2f..%2fetc%2fpasswd/log",
    status: 400,
    code: "invalid_request",
    says: /job/,
  },
  {
    what: "a log for a path-like job",
    method: "POST",
    path: "/v1/jobs/..%2fx/log",
    headers: { "Content-Type": "text/plain" },
    body: "x",
    status: 400,
    code: "invalid_request",
    says: /job/,
  },
  {
    what: "a decision on nothing",
    method: "POST",
    path: "/v1/approvals/none",
    headers: JSON_TYPE,
    body: '{"decision":"approve"}',
    status: 404,
    code: "unknown_approval",
    says: /none/,
  },
  {
    what: "a decision that is none",
    method: "POST",
    path: "/v1/approvals/none",
    headers: JSON_TYPE,
    body: '{"decision":"maybe"}',
    status: 400,
    code: "invalid_request",
    says: /decision/,
  },
  { what: "a path that is none", path: "/v2/events", status: 404, code: "not_found", says: /\/v2\/events/ },
  {
    what: "a method that is none",
    method: "DELETE",
    path: "/v1/events",
    status: 405,
    code: "method_not_allowed",
    says: /DELETE/,
  },
  {
    what: "no token",
    path: "/v1/state",
    headers: { Authorization: "" },
    status: 401,
    code: "unauthorized",
    says: /token/,
  },
  {
    what: "a wrong token",
    path: "/v1/state",
    headers: { Authorization: "Bearer wrong" },
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
    what: "no token for health",
    path: "/healthz",
    headers: { Authorization: "" },
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
    says: /evil\.example/,
  },
  {
    what: "a foreign Origin",
    path: "/v1/state",
    headers: { Origin: "https://evil.example" },
    status: 403,
    code: "forbidden_origin",
    says: /evil\.example/,
  },
  {
    what: "no Origin but null",
    path: "/v1/state",
    headers: { Origin: "null" },
    status: 403,
    code: "forbidden_origin",
    says: /null/,
  },
];

describe("bad input at the door", () => {
  it.each(CASES)("$what: $status $code", async ({ status, code, says, ...sent }) => {
    const before = await contents();
    const answer = await send(sent);
    expect({ status: answer.status, type: answer.type, code: answer.problem["code"] }).toEqual({
      status,
      type: "application/problem+json",
      code,
    });
    expect(JSON.stringify(answer.problem)).toMatch(says);
    expect(await contents(), "nothing was written").toEqual(before);
  });

  it("is told of a filter that is too large before any work is done for it", async () => {
    const { url, token } = bridge.entry;
    const socket = new WebSocket(`${url.replace("http", "ws")}/v1/ws`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    await once(socket, "open");
    // As many as one frame holds.
    const project_id = Array.from({ length: 60_000 }, (_, index) => `p${index}`);
    socket.send(JSON.stringify({ op: "subscribe", id: "1", after: "0", filter: { project_id } }));
    const [answer] = await once(socket, "message");
    socket.terminate();
    expect(JSON.parse(String(answer))).toMatchObject({ op: "problem", id: "1", problem: { code: "invalid_filter" } });
  });

  it("still serves after all of it", async () => {
    const [result] = await new BridgeClient(bridge.entry).publish([{ ...started }]);
    expect(result).toMatchObject({ seq: 1, duplicate: false });
  });
});

/** What the bridge holds: its events and its picture. */
async function contents() {
  const client = new BridgeClient(bridge.entry);
  return { events: await client.events({ limit: 10 }), state: await client.state() };
}

function send({ method = "GET", path, headers = {}, body }: Pick<Case, "method" | "path" | "headers" | "body">) {
  return new Promise<{ status: number; type: string; problem: Record<string, unknown> }>((resolve, reject) => {
    const outgoing = request(bridge.entry.url + path, {
      method,
      headers: { Authorization: `Bearer ${bridge.entry.token}`, ...headers },
      agent: false,
    });
    let isAnswered = false;
    // A body that is too large is refused while it is still being sent; the refusal is what counts.
    outgoing.on("error", (error) => {
      if (!isAnswered) reject(error);
    });
    outgoing.on("response", (response) => {
      isAnswered = true;
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers["content-type"] ?? "",
          problem: JSON.parse(text),
        }),
      );
    });
    outgoing.end(body);
  });
}
