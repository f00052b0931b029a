/** `televibe demo` as somebody who looks at Televibe for the first time meets it: played fast, answered, ended, removed. */
import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { paths } from "../../shared/client/dataPaths.ts";
import type { Approval } from "../../shared/protocol/approval.ts";
import type { RetentionReport } from "../../shared/protocol/store.ts";
import type { Job } from "../../shared/state/state.ts";
import { startBridgeProcess, startTelevibe, televibe, temporaryFolder } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";

const PROJECT = "televibe-demo";
const FAST = ["demo", "--speed", "15"];
const HOUR_MS = 3_600_000;

async function asked(client: BridgeClient): Promise<Approval> {
  return eventually("the question", async () => (await client.approvals({ state: "pending" }))[0]);
}

async function jobsOf(client: BridgeClient, project = PROJECT): Promise<readonly Job[]> {
  return (await client.state()).state.jobs.filter(({ project_id }) => project_id === project);
}

describe("the demo", () => {
  it("tells of three sessions, goes on by the answer, and is removed at once and alone", async () => {
    await using folder = await temporaryFolder();
    await using bridge = await startBridgeProcess({ dataDir: folder.path });
    const client = new BridgeClient(bridge.entry);
    await client.publish([
      { event_type: "job.started", project_id: "shop", session_id: "main", job_id: "real", data: { instruction: "x" } },
      { event_type: "coordination.message_sent", project_id: "shop", session_id: "main", data: { message: "real" } },
    ]);
    const startMs = Date.now();
    const demo = startTelevibe(FAST, { dataDir: folder.path });
    const approval = await asked(client);
    expect(approval).toMatchObject({
      project_id: PROJECT,
      action: expect.stringMatching(/^Demo: git push/),
      reason: expect.stringMatching(/only a demo/),
      context: { diff: expect.stringContaining("+++ b/src/login/LoginForm.tsx") },
      expires_at: expect.any(String),
    });
    await client.decide(approval.approval_id, { decision: "approve" });
    const { code, stdout } = await demo.result;
    expect(code).toBe(0);
    expect(stdout.toString()).toContain(`televibe approve ${approval.approval_id}`);
    expect(stdout.toString()).toMatch(/televibe demo --remove\n$/);

    const { state } = await client.state();
    const sessions = state.sessions.filter(({ project_id }) => project_id === PROJECT);
    expect(sessions.map(({ name }) => name)).toEqual(["Login form (demo)", "Test run (demo)", "Deploy (demo)"]);
    expect(sessions[0]?.usage).toMatchObject({ input_tokens: 13_900, output_tokens: 7_100, cost_usd: 0.45 });
    const jobs = await jobsOf(client);
    const ends = Object.fromEntries(jobs.map(({ instruction, state: end }) => [instruction, end]));
    expect(ends).toEqual({
      "Demo: Find out why some people cannot log in": "completed",
      "Demo: Mend it, with a test, and push the branch": "completed",
      "Demo: npm test": "completed",
      "Demo: make deploy": "failed",
    });
    const mending = jobs.find(({ job_id }) => job_id === approval.job_id);
    expect(mending).toMatchObject({ summary: "Mended, tested and pushed", agent: "demo-agent", diff_stat: "+35 -1" });
    expect(mending?.tool_calls.at(-1)).toMatchObject({ summary: "git push origin fix/login-form", state: "succeeded" });
    expect(state.notices.map(({ project_id }) => project_id)).toEqual(["shop", PROJECT]);
    const testRun = jobs.find(({ instruction }) => instruction === "Demo: npm test");
    const log = await client.logPage(testRun?.job_id ?? "", { lines: 100 });
    expect(log.lines).toContain(" \u001b[1mTests\u001b[22m  \u001b[32m210 passed\u001b[39m (210)");

    const events = await client.events({ project_id: [PROJECT], limit: 1000 });
    const own = events.filter(({ source }) => source.component === "demo");
    expect(new Set(own.map(({ visibility }) => visibility))).toEqual(new Set(["internal"]));
    const timesMs = own.map(({ timestamp }) => Date.parse(timestamp));
    expect([...timesMs].sort((a, b) => a - b)).toEqual(timesMs);
    expect(timesMs[0]).toBeLessThan(startMs - HOUR_MS * 0.8);
    expect(timesMs[0]).toBeGreaterThan(startMs - HOUR_MS);
    expect(timesMs.at(-1)).toBeLessThanOrEqual(Date.now());

    const { settings } = await client.json<RetentionReport>("GET", "/v1/store/retention");
    expect(settings?.projects).toEqual({ [PROJECT]: { days: 1 } });
    expect((await televibe(["demo", "--remove"], { dataDir: folder.path })).stdout.toString()).toMatch(/gone/);
    const left = (await client.state()).state;
    expect(left.projects.map(({ project_id }) => project_id)).toEqual(["shop"]);
    expect(left.sessions.map(({ session_id }) => session_id)).toEqual(["main"]);
    expect(left.jobs).toMatchObject([{ job_id: "real", state: "running" }]);
    expect(left.approvals).toEqual([]);
    expect(left.notices.map(({ project_id }) => project_id)).toEqual(["shop"]);
    expect((await televibe(["demo", "--remove"], { dataDir: folder.path })).stdout.toString()).toMatch(/no demo/);
  });

  it("goes on without an answer once the time for it is over, and twice is fine", async () => {
    await using folder = await temporaryFolder();
    await using bridge = await startBridgeProcess({ dataDir: folder.path });
    for (const times of [1, 2]) {
      expect((await televibe(["demo", "--speed", "50"], { dataDir: folder.path })).code).toBe(0);
      const jobs = await jobsOf(new BridgeClient(bridge.entry));
      expect(jobs).toHaveLength(4 * times);
      expect(jobs.filter(({ summary }) => summary === "Mended and tested; not pushed")).toHaveLength(times);
      expect(new Set(jobs.map(({ state }) => state))).toEqual(new Set(["completed", "failed"]));
    }
  });

  it("is ended by Ctrl-C, and leaves nothing that seems to go on", async () => {
    await using folder = await temporaryFolder();
    await using bridge = await startBridgeProcess({ dataDir: folder.path });
    const client = new BridgeClient(bridge.entry);
    const demo = startTelevibe(FAST, { dataDir: folder.path });
    await asked(client);
    demo.process.kill("SIGINT");
    const { code, stdout } = await demo.result;
    expect(code).toBe(130);
    expect(stdout.toString()).toMatch(/jobs are canceled/);
    const ended = new Set(["completed", "failed", "canceled"]);
    const jobs = await jobsOf(client);
    expect(jobs.filter(({ state }) => !ended.has(state))).toEqual([]);
    expect(jobs.find(({ state }) => state === "canceled")?.summary).toBe("The demo was ended");
    expect(await client.approvals({ state: "pending" })).toEqual([]);
  });

  it("ends when it is removed while it is played, and does not come back", async () => {
    await using folder = await temporaryFolder();
    await using bridge = await startBridgeProcess({ dataDir: folder.path });
    const client = new BridgeClient(bridge.entry);
    const demo = startTelevibe(["demo", "--speed", "5"], { dataDir: folder.path });
    await eventually("some of it", async () => (await jobsOf(client)).length > 1);
    await televibe(["demo", "--remove"], { dataDir: folder.path });
    const { code, stdout } = await demo.result;
    expect(code).toBe(0);
    expect(stdout.toString()).toMatch(/was removed/);
    expect((await client.state()).state).toMatchObject({ projects: [], sessions: [], jobs: [] });
  });

  it("lets one of its jobs be canceled, and is told to Telegram only where that is wanted", async () => {
    await using folder = await temporaryFolder();
    await using bridge = await startBridgeProcess({ dataDir: folder.path });
    const client = new BridgeClient(bridge.entry);
    const demo = startTelevibe(["demo", "--speed", "15", "--telegram"], { dataDir: folder.path });
    const tests = await eventually("the tests", async () =>
      (await jobsOf(client)).find(({ instruction }) => instruction === "Demo: npm test"),
    );
    expect(tests.visibility).toBe("public");
    await client.cancel(tests.job_id, "enough");
    const approval = await asked(client);
    await client.decide(approval.approval_id, { decision: "deny", reason: "not on a Friday" });
    expect((await demo.result).code).toBe(0);
    const jobs = await jobsOf(client);
    expect(jobs.find(({ job_id }) => job_id === tests.job_id)).toMatchObject({ state: "canceled", summary: "enough" });
    expect(jobs.find(({ job_id }) => job_id === approval.job_id)).toMatchObject({
      state: "completed",
      summary: "Mended and tested; not pushed (not on a Friday)",
    });
  });

  it("takes along the rules that answers to it made, and leaves all others", async () => {
    await using folder = await temporaryFolder();
    await using _bridge = await startBridgeProcess({ dataDir: folder.path });
    const file = paths(folder.path).rules;
    const rule = { decision: "allow", command: "git push" };
    const mine = [
      { ...rule, project: "shop", remembered_at: "2026-11-23T12:00:00Z" },
      { ...rule, project: PROJECT, reason: "Written by hand" },
    ];
    const made = { ...rule, project: PROJECT, remembered_at: "2026-11-23T12:00:00Z" };
    await writeFile(file, `// Mine\n${JSON.stringify({ rules: [made, ...mine] })}\n`);
    const removed = await televibe(["demo", "--remove"], { dataDir: folder.path });
    expect(removed.stdout.toString()).toMatch(/no demo to remove.\nThe rules that answers to it made are gone/);
    const left = await readFile(file, "utf8");
    expect(left).toMatch(/^\/\/ Mine\n/);
    expect(JSON.parse(left.slice(left.indexOf("{")))).toEqual({ rules: mine });
    await writeFile(file, "{ broken");
    const refused = await televibe(["demo", "--remove"], { dataDir: folder.path });
    expect(refused).toMatchObject({ code: 0, stderr: expect.stringMatching(/may be left: .*not valid JSON/) });
    expect(await readFile(file, "utf8")).toBe("{ broken");
  });

  it.each(["0", "fast", "1000"])("knows no speed %s", async (speed) => {
    await using folder = await temporaryFolder();
    const { code, stderr } = await televibe(["demo", "--speed", speed], { dataDir: folder.path });
    expect(code).toBe(64);
    expect(stderr).toMatch(/is no speed; write a number above 0, up to 100/);
  });
});
