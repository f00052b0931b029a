/** What the routes answer when all is well: publishing, querying, state, approvals, health and what the lead adds. */
import { describe, expect, it } from "vitest";
import { jsonAnswer } from "../../../bridge/http/route.ts";
import { problem } from "../../../shared/protocol/problem.ts";
import { postEvents, progress, send, startTestServer, TOKEN } from "./testServer.ts";

const ID = "01890000-0000-7000-8000-000000000001";
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("publishing", () => {
  it("fills in what was left out", async () => {
    await using server = await startTestServer();
    const answer = await postEvents(server, progress(1));
    const [event] = server.store.events;
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ results: [{ event_id: event?.event_id, seq: 1, duplicate: false }] });
    expect(event).toMatchObject({
      source: { component: "api", instance_id: "test" },
      session_id: null,
      visibility: "public",
      recipients: ["all"],
    });
    expect(event?.event_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(event?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it("answers the same event with the first one's place", async () => {
    await using server = await startTestServer();
    await postEvents(server, progress(0));
    await postEvents(server, progress(1, { event_id: ID }));
    const again = await postEvents(server, progress(1, { event_id: ID }));
    expect(again.json).toEqual({ results: [{ event_id: ID, seq: 2, duplicate: true }] });
  });

  it("takes an array and lines alike, in their order", async () => {
    await using server = await startTestServer();
    await postEvents(server, [progress(1), progress(2)]);
    const lines = await send(server, {
      method: "POST",
      path: "/v1/events",
      headers: { "Content-Type": "application/x-ndjson; charset=utf-8" },
      body: `${JSON.stringify(progress(3))}\r\n\n${JSON.stringify(progress(4))}`,
    });
    expect(lines.status, lines.text).toBe(200);
    expect(server.store.events.map(({ data }) => "count" in data && data["count"])).toEqual([1, 2, 3, 4]);
  });

  it("keeps types of a later version and further facts", async () => {
    await using server = await startTestServer();
    const later = {
      event_type: "job.teleported",
      project_id: "p",
      job_id: "j",
      data: { to: "moon" },
    };
    expect((await postEvents(server, later)).status).toBe(200);
    expect(server.store.events[0]).toMatchObject({ event_type: "job.teleported", data: { to: "moon" } });
  });
});

describe("querying", () => {
  it("goes on page by page, forwards and backwards, to an end that it says", async () => {
    await using server = await startTestServer();
    await postEvents(
      server,
      range(1, 25).map((count) => progress(count)),
    );
    for (const { order, parameter, expected } of [
      { order: "asc", parameter: "after", expected: range(1, 25) },
      { order: "desc", parameter: "before", expected: range(1, 25).reverse() },
    ]) {
      const seen: unknown[] = [];
      let next: unknown;
      do {
        const cursor = typeof next === "string" ? `&${parameter}=${next}` : "";
        const { json } = await send(server, { path: `/v1/events?limit=10&order=${order}${cursor}` });
        const events = json["events"];
        seen.push(...(Array.isArray(events) ? events.map(({ seq }) => seq) : []));
        next = json["next"];
      } while (next !== null);
      expect(seen).toEqual(expected);
    }
  });

  it("filters, by several values of one parameter too", async () => {
    await using server = await startTestServer();
    await postEvents(server, [
      progress(1, { project_id: "org/a" }),
      progress(2, { project_id: "b" }),
      progress(3, { project_id: "c" }),
    ]);
    const { json } = await send(server, {
      path: "/v1/events?project_id=org%2Fa&project_id=b&type=job.progress,task.*",
    });
    expect(json["events"]).toHaveLength(2);
  });

  it("says what retention has taken from behind a cursor", async () => {
    await using server = await startTestServer();
    await postEvents(
      server,
      range(1, 5).map((count) => progress(count)),
    );
    server.store.trim(4);
    const { json } = await send(server, { path: "/v1/events?after=1" });
    expect(json).toMatchObject({ gap: { from: 2, to: 3, reason: "retention" }, next: null });
  });
});

describe("the state", () => {
  it("says where it stands, so that a stream can go on from there", async () => {
    await using server = await startTestServer();
    await postEvents(server, [progress(1), progress(2)]);
    const { json } = await send(server, { path: "/v1/state" });
    expect(json).toMatchObject({ epoch: server.store.epoch, seq: 2, state: { jobs: [{ job_id: "j" }] } });
  });
});

describe("approvals", () => {
  const asking = {
    event_type: "job.approval_needed",
    project_id: "p",
    job_id: "j",
    data: { approval_id: "a/1", scope: "push", action: "git push" },
  };

  it("can be listed, read by an id with a slash, and decided", async () => {
    await using server = await startTestServer();
    await postEvents(server, asking);
    expect((await send(server, { path: "/v1/approvals?state=pending" })).json["approvals"]).toHaveLength(1);
    expect((await send(server, { path: "/v1/approvals?state=denied" })).json["approvals"]).toHaveLength(0);
    expect((await send(server, { path: "/v1/approvals/a%2F1" })).json).toMatchObject({ state: "pending" });
    const decided = await send(server, {
      method: "POST",
      path: "/v1/approvals/a%2F1",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ decision: "approve", decided_by: { name: "Ada" } }),
    });
    expect(decided.json).toMatchObject({ approval: { state: "approved" }, seq: 2 });

    const late = await postEvents(server, { ...asking, event_type: "job.denied", data: { approval_id: "a/1" } });
    expect({ status: late.status, code: late.json["code"] }).toEqual({ status: 409, code: "already_decided" });
    expect(late.json["context"]).toMatchObject({ approval: { state: "approved", decision: { surface: "api" } } });
  });

  it("are decided by an event that names only the job, even in the batch that asks", async () => {
    await using server = await startTestServer();
    const decision = { event_type: "job.approved", project_id: "p", job_id: "j", data: {} };
    const answer = await postEvents(server, [asking, decision, decision]);
    expect(answer.json).toMatchObject({
      results: [{ seq: 1 }, { seq: 2 }, { seq: null, problem: { code: "already_decided" } }],
    });
    expect((await send(server, { path: "/v1/approvals/a%2F1" })).json).toMatchObject({ state: "approved" });
  });

  it("are answered as they are when the wait is over, and let go of at a stop", async () => {
    await using server = await startTestServer();
    await postEvents(server, asking);
    expect((await send(server, { path: "/v1/approvals/a%2F1?wait=1" })).json).toMatchObject({ state: "pending" });
    const waiting = send(server, { path: "/v1/approvals/a%2F1?wait=300" });
    // Any answer tells that the waiting request, sent before, is being served.
    await send(server, { path: "/healthz" });
    await server.http.stop();
    expect((await waiting).json).toMatchObject({ code: "stopping" });
  });
});

describe("health", () => {
  it.each([
    { what: "well", health: {}, healthz: 200, readyz: 200 },
    { what: "degraded", health: { status: "degraded" }, healthz: 200, readyz: 200 },
    {
      what: "read only",
      health: { status: "degraded", store: { state: "read_only", epoch: "", first_seq: 1, last_seq: 0, bytes: 0 } },
      healthz: 200,
      readyz: 503,
    },
    {
      what: "failed",
      health: { status: "unhealthy", store: { state: "failed", epoch: "", first_seq: 1, last_seq: 0, bytes: 0 } },
      healthz: 503,
      readyz: 503,
    },
  ] as const)("when $what: /healthz $healthz, /readyz $readyz, one body", async ({ health, healthz, readyz }) => {
    await using server = await startTestServer({ health });
    const [alive, ready] = await Promise.all([send(server, { path: "/healthz" }), send(server, { path: "/readyz" })]);
    expect([alive.status, ready.status]).toEqual([healthz, readyz]);
    expect(alive.json).toEqual(ready.json);
    expect(alive.json).toMatchObject({ queue_size: 0, handlers_registered: 2 });
  });

  it("answers HEAD without a body", async () => {
    await using server = await startTestServer();
    const { status, text } = await send(server, { method: "HEAD", path: "/healthz" });
    expect({ status, text }).toEqual({ status: 200, text: "" });
  });
});

describe("the server", () => {
  it("takes further routes, behind the same guard", async () => {
    const extraRoutes = [
      { method: "GET", path: "/v1/telegram", handle: () => jsonAnswer(200, { chats: 0 }) },
      {
        method: "POST",
        path: "/v1/telegram/pair",
        handle: () => {
          throw problem("invalid_request", "No.");
        },
      },
    ] as const;
    await using server = await startTestServer({ extraRoutes });
    expect((await send(server, { path: "/v1/telegram" })).json).toEqual({ chats: 0 });
    expect((await send(server, { method: "POST", path: "/v1/telegram/pair" })).status).toBe(400);
    expect((await send(server, { path: "/v1/telegram", headers: { Authorization: "" } })).status).toBe(401);
  });

  it("tells nothing of an error that nobody foresaw, logs it, and goes on", async () => {
    const extraRoutes = [
      {
        method: "GET",
        path: "/v1/broken",
        handle: () => {
          throw new TypeError(`secret insides ${TOKEN}`);
        },
      },
    ] as const;
    await using server = await startTestServer({ extraRoutes });
    const answer = await send(server, { path: "/v1/broken" });
    expect({ status: answer.status, code: answer.json["code"] }).toEqual({ status: 500, code: "internal_error" });
    expect(answer.text).not.toContain("insides");
    expect(server.logLines.join("")).toMatch(/secret insides \[secret\]/);
    expect((await send(server, { path: "/healthz" })).status).toBe(200);
  });

  it("lets a page on its very own address through", async () => {
    await using server = await startTestServer();
    const { status } = await send(server, { path: "/healthz", headers: { Origin: server.url } });
    expect(status).toBe(200);
  });
});
