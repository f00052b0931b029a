import { describe, expect, it } from "vitest";
import { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import { BridgeUnreachableError } from "../../../shared/client/bridgeUnreachableError.ts";
import { ProblemError } from "../../../shared/protocol/problem.ts";
import { MAX_BODY_BYTES } from "../../../shared/protocol/version.ts";
import { json, problem, ScriptedBridge, type Seen } from "./scriptedBridge.ts";

const event = (name: string) => ({
  event_type: "job.queued",
  project_id: "p",
  job_id: name,
  data: { instruction: name },
});

describe("the bridge's protocol as functions", () => {
  it.each<{
    name: string;
    call: (client: BridgeClient) => Promise<unknown>;
    method: string;
    url: string;
    body: string;
  }>([
    { name: "state", call: (client) => client.state(), method: "GET", url: "/v1/state", body: "" },
    { name: "health", call: (client) => client.health(), method: "GET", url: "/healthz", body: "" },
    {
      name: "events",
      call: (client) => client.events({ type: ["job.*"], project_id: ["a b"], after: 7, limit: 2, order: "desc" }),
      method: "GET",
      url: "/v1/events?project_id=a+b&type=job.*&after=7&limit=2&order=desc",
      body: "",
    },
    { name: "approvals", call: (client) => client.approvals(), method: "GET", url: "/v1/approvals", body: "" },
    {
      name: "pending approvals",
      call: (client) => client.approvals({ state: "pending", session_id: "s" }),
      method: "GET",
      url: "/v1/approvals?state=pending&session_id=s",
      body: "",
    },
    {
      name: "an approval",
      call: (client) => client.approval("../a?b#c"),
      method: "GET",
      url: "/v1/approvals/..%2Fa%3Fb%23c",
      body: "",
    },
    {
      name: "an approval waited for",
      call: (client) => client.approval("a", { waitSeconds: 60 }),
      method: "GET",
      url: "/v1/approvals/a?wait=60",
      body: "",
    },
    {
      name: "a decision",
      call: (client) => client.decide("a", { decision: "deny", reason: "no" }),
      method: "POST",
      url: "/v1/approvals/a",
      body: '{"decision":"deny","reason":"no"}',
    },
    {
      name: "a log's end",
      call: (client) => client.logPage("j", { lines: 5 }),
      method: "GET",
      url: "/v1/jobs/j/log?lines=5",
      body: "",
    },
    {
      name: "a log's part",
      call: (client) => client.logPage("j", { offset: 5, maxBytes: 6 }),
      method: "GET",
      url: "/v1/jobs/j/log?offset=5&max_bytes=6",
      body: "",
    },
    {
      name: "an append",
      call: (client) => client.appendLog("j", Buffer.from("line\n"), 3),
      method: "POST",
      url: "/v1/jobs/j/log?offset=3",
      body: "line\n",
    },
    {
      name: "a cancel",
      call: (client) => client.cancel("j", "enough"),
      method: "POST",
      url: "/v1/jobs/j/cancel",
      body: '{"reason":"enough"}',
    },
  ])("asks for $name with the token, over the Unix socket", async ({ call, method, url, body }) => {
    await using bridge = await ScriptedBridge.start();
    bridge.override = (_request, response) => json(response, 200, { approvals: [], events: [] });
    await call(new BridgeClient(bridge.entry));
    expect(bridge.seen).toMatchObject([{ method, url, body, isLocal: true }]);
    expect(bridge.seen[0]?.headers).toMatchObject({
      authorization: `Bearer ${bridge.entry.token}`,
      host: new URL(bridge.entry.url).host,
    });
  });

  it("publishes one event as one, several as several, and many in pieces, in order", async () => {
    await using bridge = await ScriptedBridge.start();
    bridge.override = (request, response) => json(response, 200, { results: results(request) });
    const client = new BridgeClient(bridge.entry);
    expect(await client.publish([])).toEqual([]);
    expect(await client.publish([event("one")])).toHaveLength(1);
    expect(await client.publish([event("a"), event("b")])).toHaveLength(2);
    const many = Array.from({ length: 2_500 }, (_, index) => event(`job-${index}`));
    expect(await client.publish(many)).toHaveLength(2_500);

    const bodies: unknown[] = bridge.seen.map(({ body }) => JSON.parse(body));
    expect(bodies[0]).toEqual(event("one"));
    expect(bodies[1]).toEqual([event("a"), event("b")]);
    expect(bodies.slice(2).flat()).toEqual(many);
    expect(bodies).toHaveLength(5);
  });

  it("appends a log in pieces that the bridge takes", async () => {
    await using bridge = await ScriptedBridge.start();
    bridge.override = ({ url, body }, response) => {
      const offset = Number(new URL(url, "http://bridge").searchParams.get("offset"));
      json(response, 200, { size: offset + body.length });
    };
    const bytes = Buffer.alloc(2 * MAX_BODY_BYTES + 5, "x");
    expect(await new BridgeClient(bridge.entry).appendLog("j", bytes, 10)).toEqual({ size: bytes.length + 10 });
    expect(bridge.seen.map(({ body }) => body.length)).toEqual([MAX_BODY_BYTES, MAX_BODY_BYTES, 5]);
  });

  it("throws the bridge's problem, with its context", async () => {
    await using bridge = await ScriptedBridge.start();
    const approval = { approval_id: "a", state: "approved" };
    bridge.override = (_request, response) => problem(response, 409, "already_decided", { approval });
    const error = await new BridgeClient(bridge.entry)
      .decide("a", { decision: "deny" })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ code: "already_decided", document: { status: 409, context: { approval } } });
  });

  it("uses TCP where the socket is gone or refuses", async () => {
    await using bridge = await ScriptedBridge.start();
    for (const socket of [null, "/nonexistent/bridge.sock"]) {
      expect(await new BridgeClient({ ...bridge.entry, socket }).health()).toBeTruthy();
    }
    expect(bridge.seen.map(({ isLocal }) => isLocal)).toEqual([false, false]);
  });

  it.each<{ name: string; break: (bridge: ScriptedBridge) => Promise<void> | void; says: RegExp }>([
    { name: "nothing listens", break: (bridge) => bridge.close(), says: /ENOENT|ECONNREFUSED/ },
    {
      name: "the connection ends before the answer",
      break: (bridge) => {
        bridge.override = () => bridge.cut();
      },
      says: /socket hang up|ECONNRESET/,
    },
    {
      name: "the answer breaks off",
      break: (bridge) => {
        bridge.override = (_request, response) => {
          response.writeHead(200, { "Content-Length": 100 });
          response.write("{", () => bridge.cut());
        };
      },
      says: /broke off/,
    },
    {
      name: "something else answers",
      break: (bridge) => {
        bridge.override = (_request, response) => void response.writeHead(404).end('{"error":"nginx"}');
      },
      says: /status 404/,
    },
    {
      name: "what answers is no JSON",
      break: (bridge) => {
        bridge.override = (_request, response) => void response.end("<html>");
      },
      says: /JSON/,
    },
  ])("says that the bridge cannot be reached when $name", async ({ break: breakIt, says }) => {
    await using bridge = await ScriptedBridge.start();
    await breakIt(bridge);
    const error = await new BridgeClient(bridge.entry).health().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BridgeUnreachableError);
    expect(error).toMatchObject({ message: expect.stringMatching(says) });
  });

  it("gives up on a bridge that does not answer", async () => {
    await using bridge = await ScriptedBridge.start();
    bridge.override = () => undefined;
    await expect(new BridgeClient(bridge.entry).health(undefined, 20)).rejects.toThrow("no answer in 0.02 s");
  });

  it("stops waiting when it is told to", async () => {
    await using bridge = await ScriptedBridge.start();
    const controller = new AbortController();
    bridge.override = () => controller.abort(new Error("enough"));
    const waiting = new BridgeClient(bridge.entry).approval("a", { waitSeconds: 600, signal: controller.signal });
    await expect(waiting).rejects.toThrow("enough");
  });
});

function results({ body }: Seen): unknown[] {
  const input: unknown = JSON.parse(body);
  return [input].flat().map(() => ({ event_id: "id", seq: 1, duplicate: false }));
}
