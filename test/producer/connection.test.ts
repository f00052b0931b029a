/** The producer's client against the bridge's own server: what a program tells arrives in order, once, or is said to be lost. */
import { describe, expect, it } from "vitest";
import { Connection } from "../../producer/connection.ts";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { BridgeUnreachableError } from "../../shared/client/bridgeUnreachableError.ts";
import type { DiscoveryEntry } from "../../shared/protocol/discovery.ts";
import { startTestServer, type TestServer, TOKEN } from "../bridge/http/testServer.ts";
import { eventually } from "../support/eventually.ts";

function entryOf({ socketPath, url }: TestServer): DiscoveryEntry {
  const where = { socket: socketPath, url, token: TOKEN, data_dir: "/data" };
  const what = { schema: 1, instance_id: "test", pid: process.pid, version: "0.0.0-test", protocol: 1 } as const;
  return { ...what, ...where, started_at: "2026-11-23T00:00:00.000Z" };
}

function connectTo(find: () => DiscoveryEntry | undefined, limits: { maxWaitingBytes?: number } = {}) {
  const errors: unknown[] = [];
  const connection = new Connection({
    connect: async () => {
      const entry = find();
      if (entry === undefined) throw new BridgeUnreachableError("none runs");
      return entry;
    },
    source: { component: "test", instance_id: "1" },
    maxWaitingBytes: limits.maxWaitingBytes ?? 1024 * 1024,
    closeTimeoutMs: 300,
    onError: (error) => errors.push(error),
  });
  return { connection, errors };
}

const START = { project: "shop", session: "main", instruction: "Release" };

describe("a job that a program runs", () => {
  it("is told in order, with its tool calls, its log and its end", async () => {
    await using server = await startTestServer();
    const { connection, errors } = connectTo(() => entryOf(server));
    await using televibe = connection;
    const job = televibe.startJob({ ...START, jobId: "j", agent: "releaser", visibility: "internal" });
    void job.progress({ message: "testing", percent: 50 });
    const result = await job.tool({ tool: "Edit", file: "a.ts" }, async (call) => {
      await call.complete({ diff_stat: "+1 -0" });
      return 42;
    });
    expect(result).toBe(42);
    const failure = job.tool({ tool: "Bash" }, () => {
      throw new Error("exit code 1");
    });
    await expect(failure).rejects.toThrow("exit code 1");
    void job.log("one\n");
    void job.log(Buffer.from("two\n"));
    await job.complete({ summary: "Released", usage: { input_tokens: 3, cost_usd: 0.5 } });

    const client = new BridgeClient(entryOf(server));
    const { jobs } = (await client.state()).state;
    expect(jobs).toMatchObject([
      {
        job_id: "j",
        state: "completed",
        agent: "releaser",
        visibility: "internal",
        summary: "Released",
        usage: { input_tokens: 3, cost_usd: 0.5 },
        tool_calls: [
          { tool: "Edit", file: "a.ts", state: "succeeded", diff_stat: "+1 -0" },
          { tool: "Bash", state: "failed", error: "exit code 1" },
        ],
      },
    ]);
    expect((await client.logPage("j", { offset: 0 })).lines).toEqual(["one", "two"]);
    const types = (await client.events()).map(({ event_type }) => event_type);
    expect(types.slice(0, 3)).toEqual(["job.started", "job.progress", "job.tool_started"]);
    expect(types.at(-1)).toBe("job.completed");
    expect(errors).toEqual([]);
  });

  it("has its log whole before its end is told, however long that is", async () => {
    await using server = await startTestServer();
    const { connection } = connectTo(() => entryOf(server), { maxWaitingBytes: 4 * 1024 * 1024 });
    await using televibe = connection;
    const job = televibe.startJob({ ...START, jobId: "j" });
    const text = `${"x".repeat(999)}\n`.repeat(2000);
    void job.log(text);
    await job.complete();
    expect((await new BridgeClient(entryOf(server)).logPage("j", { lines: 1 })).size).toBe(text.length);
  });

  it("hears that somebody wants it stopped, and its question is taken back", async () => {
    await using server = await startTestServer();
    const { connection } = connectTo(() => entryOf(server));
    await using televibe = connection;
    const job = televibe.startJob({ ...START, jobId: "j" });
    const answer = job.ask({ scope: "deploy", action: "npm publish" });
    const client = new BridgeClient(entryOf(server));
    await eventually("the question", async () => (await client.approvals({ state: "pending" }))[0]);
    await client.cancel("j", "too late today");
    expect(await answer).toMatchObject({ approved: false, state: "withdrawn" });
    expect(job.signal.reason).toMatchObject({ code: "cancel_requested", reason: "too late today" });
    await job.cancel();
    expect((await client.events({ type: ["job.canceled"] }))[0]?.data).toMatchObject({ reason: "too late today" });
  });

  it.each([
    {
      decision: "approve",
      expected: { approved: true, state: "approved", decidedBy: "Ada", surface: "terminal", reason: "fine" },
    },
    {
      decision: "deny",
      expected: { approved: false, state: "denied", decidedBy: "Ada", surface: "terminal", reason: "fine" },
    },
  ] as const)("gets its answer: $decision", async ({ decision, expected }) => {
    await using server = await startTestServer();
    const { connection } = connectTo(() => entryOf(server));
    await using televibe = connection;
    const answer = televibe.startJob(START).ask({ scope: "deploy", action: "npm publish", timeoutMs: 60_000 });
    const client = new BridgeClient(entryOf(server));
    const asked = await eventually("the question", async () => (await client.approvals({ state: "pending" }))[0]);
    expect(asked).toMatchObject({ action: "npm publish", expires_at: expect.any(String), on_timeout: "deny" });
    const by = { decided_by: { name: "Ada" }, surface: "terminal", reason: "fine" } as const;
    await client.decide(asked.approval_id, { decision, ...by });
    expect(await answer).toEqual({ approvalId: asked.approval_id, ...expected });
  });

  it("is failed where its program ends before it does, and tells nothing after its end", async () => {
    await using server = await startTestServer();
    const { connection, errors } = connectTo(() => entryOf(server));
    const job = connection.startJob({ ...START, jobId: "j" });
    await connection.close();
    await expect(job.log("late")).rejects.toMatchObject({ code: "ended" });
    await expect(job.complete()).rejects.toMatchObject({ code: "ended" });
    expect(errors).toMatchObject([{ code: "ended" }, { code: "ended" }]);
    const { jobs } = (await new BridgeClient(entryOf(server)).state()).state;
    expect(jobs).toMatchObject([{ state: "failed", error: expect.stringMatching(/program .* ended/) }]);
  });
});

describe("what the bridge does not take", () => {
  it("is told to onError, and the rest goes on", async () => {
    await using server = await startTestServer();
    const { connection, errors } = connectTo(() => entryOf(server));
    await using televibe = connection;
    const wrong = televibe.startJob({ ...START, project: "../up" });
    const right = televibe.startJob({ ...START, jobId: "right" });
    await right.complete();
    await wrong.complete().catch(() => undefined);
    expect(errors).toMatchObject([{ code: "invalid_event" }, { code: "invalid_event" }]);
    const published = televibe.publish([
      { event_type: "session.closed", project_id: "shop", session_id: "main", data: {} },
      { event_type: "job.approved", project_id: "shop", job_id: "right", data: { approval_id: "none" } },
    ]);
    await expect(published).rejects.toMatchObject({ code: "unknown_approval" });
    const { jobs } = (await new BridgeClient(entryOf(server)).state()).state;
    expect(jobs).toMatchObject([{ job_id: "right", state: "completed" }]);
  });
});

describe("a bridge that is away", () => {
  it("is told everything once it is there, in order", async () => {
    await using server = await startTestServer();
    let isThere = false;
    const { connection, errors } = connectTo(() => (isThere ? entryOf(server) : undefined));
    await using televibe = connection;
    const job = televibe.startJob({ ...START, jobId: "j" });
    for (let step = 0; step < 50; step += 1) {
      void job.progress({ message: `step ${step}` });
      void job.log(`line ${step}\n`);
    }
    isThere = true;
    await televibe.flush();
    const client = new BridgeClient(entryOf(server));
    const steps = await client.events({ type: ["job.progress"] });
    const messages = steps.map(({ data }) => ("message" in data ? data["message"] : undefined));
    expect(messages).toEqual(Array.from({ length: 50 }, (_, step) => `step ${step}`));
    expect((await client.logPage("j", { lines: 100 })).lines).toHaveLength(50);
    await job.complete();
    expect(errors).toEqual([]);
  });

  it("keeps no program from ending that waits for an answer", async () => {
    await using server = await startTestServer();
    let isThere = true;
    const { connection } = connectTo(() => (isThere ? entryOf(server) : undefined));
    const answer = connection.startJob(START).ask({ scope: "deploy", action: "npm publish" });
    const client = new BridgeClient(entryOf(server));
    await eventually("the question", async () => (await client.approvals({ state: "pending" }))[0]);
    isThere = false;
    await server.http.stop();
    await expect(connection.close()).rejects.toMatchObject({ code: "undelivered" });
    expect(await answer).toMatchObject({ approved: false, state: "withdrawn" });
  });

  it("is waited for with so much and no more, and what is lost is said", async () => {
    const { connection, errors } = connectTo(() => undefined, { maxWaitingBytes: 2000 });
    const job = connection.startJob(START);
    await expect(job.log("x".repeat(3000))).rejects.toMatchObject({ code: "buffer_full" });
    void job.log("line\n");
    await expect(connection.close()).rejects.toMatchObject({
      code: "undelivered",
      message: expect.stringMatching(/^2 events and 5 bytes of logs did not reach the bridge/),
    });
    expect(errors.map((error) => (error instanceof Error && "code" in error ? error.code : error))).toEqual([
      "buffer_full",
      ...Array.from({ length: 3 }, () => "undelivered"),
    ]);
    // The end of a block does not hide what happened in it.
    await connection[Symbol.asyncDispose]();
  });
});
