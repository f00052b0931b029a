/** `televibe ask` as a script meets it: it waits, and its exit code is the answer. */
import { describe, expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { findBridge } from "../../shared/client/findBridge.ts";
import type { Approval } from "../../shared/protocol/approval.ts";
import { fromWire } from "../../shared/state/wire.ts";
import { startBridgeProcess, startTelevibe, televibe, temporaryFolder } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";

const ASK = [
  "ask",
  "Deploy?",
  "--scope",
  "deploy",
  "--action",
  "make deploy",
  "--project",
  "shop",
  "--session",
  "main",
];

async function asked(client: BridgeClient): Promise<Approval> {
  return eventually("the question", async () => (await client.approvals({ state: "pending" }))[0]);
}

/** The job that was made for the question alone. */
async function ownJob(client: BridgeClient) {
  const { seq, state } = await client.state();
  const [job] = fromWire(seq, state).jobs.values();
  return job;
}

describe("an answer", () => {
  it.each([
    { decision: "approve", code: 0, job: "completed", says: /^Approved by .+ in a terminal: sure\n$/ },
    { decision: "deny", code: 1, job: "canceled", says: /^Denied by .+ in a terminal: sure\n$/ },
  ])("$decision: exit code $code, and its job is $job", async ({ decision, code, job, says }) => {
    await using folder = await temporaryFolder();
    await using bridge = await startBridgeProcess({ dataDir: folder.path });
    const asking = startTelevibe(ASK, { dataDir: folder.path, cwd: folder.path });
    const approval = await asked(new BridgeClient(bridge.entry));
    expect(approval).toMatchObject({ scope: "deploy", action: "make deploy", reason: "Deploy?", project_id: "shop" });
    // The beginning of an id is enough.
    const short = approval.approval_id.slice(0, 13);
    expect((await televibe([decision, short, "--reason", "sure"], { dataDir: folder.path })).code).toBe(0);
    const answer = await asking.result;
    expect(answer.code).toBe(code);
    expect(answer.stdout.toString()).toMatch(says);
    const own = await ownJob(new BridgeClient(bridge.entry));
    expect(own?.state).toBe(job);
    expect(`${own?.summary}\n`).toMatch(says);
    const late = await televibe(["approve", approval.approval_id], { dataDir: folder.path });
    expect(late.code).toBe(1);
    expect(late.stderr).toMatch(/in a terminal.*too late/s);
  });

  it("none in time: exit code 2, and nothing waits any more", async () => {
    await using folder = await temporaryFolder();
    await using bridge = await startBridgeProcess({ dataDir: folder.path });
    const { code, stdout } = await televibe([...ASK, "--timeout", "1s"], { dataDir: folder.path, cwd: folder.path });
    expect(code).toBe(2);
    expect(stdout.toString()).toMatch(/Timed out/);
    const client = new BridgeClient(bridge.entry);
    expect(await client.approvals({ state: "pending" })).toEqual([]);
    expect(await ownJob(client)).toMatchObject({ state: "canceled", summary: "Timed out, so denied" });
  });

  it("is waited for while Redis is away, and nobody is told that there is no such question", async () => {
    await using folder = await temporaryFolder();
    // Nothing listens on port 1.
    const args = ["--redis", "redis://127.0.0.1:1"];
    await using _bridge = await startBridgeProcess({ dataDir: folder.path, args });
    const { code, stderr } = await televibe([...ASK, "--timeout", "1s"], { dataDir: folder.path, cwd: folder.path });
    expect(code).toBe(2);
    expect(stderr.match(/Redis is away, so nobody can answer yet/g)).toHaveLength(1);
  });

  it("comes through a bridge that is killed and started again", async () => {
    await using folder = await temporaryFolder();
    const first = await startBridgeProcess({ dataDir: folder.path });
    const asking = startTelevibe(ASK, { dataDir: folder.path, cwd: folder.path });
    const { approval_id } = await asked(new BridgeClient(first.entry));
    await first.kill();
    // The command that waits brings one up again by itself.
    const entry = await eventually("another bridge", () => findBridge(folder.path));
    await new BridgeClient(entry).decide(approval_id, {
      decision: "approve",
      surface: "vscode",
      decided_by: { name: "Ada" },
    });
    const { code, stdout } = await asking.result;
    expect(code).toBe(0);
    expect(stdout.toString()).toBe("Approved by Ada in VS Code\n");
    await televibe(["stop"], { dataDir: folder.path });
  });

  it("is wanted no more after Ctrl-C", async () => {
    await using folder = await temporaryFolder();
    await using bridge = await startBridgeProcess({ dataDir: folder.path });
    const asking = startTelevibe(ASK, { dataDir: folder.path, cwd: folder.path });
    const client = new BridgeClient(bridge.entry);
    const { approval_id } = await asked(client);
    asking.process.kill("SIGINT");
    expect((await asking.result).code).toBe(130);
    expect((await client.approval(approval_id)).state).toBe("withdrawn");
    expect(await ownJob(client)).toMatchObject({ state: "canceled", summary: "Withdrawn by its asker" });
  });
});

describe("a command line that is wrong", () => {
  it.each([
    { args: ["ask"], code: 64, says: /question/ },
    { args: ["ask", "Q?", "--timeout", "soon"], code: 64, says: /"soon" is no length of time/ },
    { args: ["run"], code: 64, says: /command/ },
    { args: ["frobnicate"], code: 64, says: /frobnicate/ },
    { args: ["events", "--type", "job.%"], code: 64, says: /job\.%/ },
    { args: ["events", "--since", "whenever"], code: 64, says: /"whenever" is no time/ },
    { args: ["bridge", "--port", "99999"], code: 64, says: /99999/ },
    { args: ["approve", "nothing"], code: 1, says: /There is no approval "nothing"/ },
    { args: ["tail", "nothing"], code: 1, says: /no session and no job "nothing"/ },
    { args: ["emit", "job.started", "--data", "{"], code: 64, says: /--data is not JSON/ },
    { args: ["emit", "jobs.started"], code: 1, says: /jobs\.started/ },
    { args: ["emit", "job.progress"], code: 1, says: /job_id is required/ },
    { args: ["telegram", "pair"], code: 1, says: /no Telegram bot/ },
  ])("$args: exit code $code", async ({ args, code, says }) => {
    await using folder = await temporaryFolder();
    await using _bridge = await startBridgeProcess({ dataDir: folder.path });
    const result = await televibe(args, { dataDir: folder.path, cwd: folder.path });
    expect(result.stderr).toMatch(says);
    expect(result.code).toBe(code);
    expect(result.stderr, "no stack trace").not.toMatch(/^\s+at /m);
  });
});

describe("the rest of the command line", () => {
  it("publishes, lists, replays and explains itself", async () => {
    await using folder = await temporaryFolder();
    const at = { dataDir: folder.path, cwd: folder.path };
    // None runs: the first command that needs one starts it, and says so.
    const first = await televibe(
      ["emit", "job.started", "--job", "j1", "--project", "shop", "--data", '{"instruction":"Build it"}'],
      at,
    );
    expect(first.stderr).toMatch(/Started the Televibe bridge in the background/);
    expect(first.stdout.toString()).toMatch(/^1 {2}[0-9a-f-]{36}\n$/);
    const lines = [
      '{"event_type":"job.completed","project_id":"shop","job_id":"j1","data":{"summary":"Built"}}',
      "",
    ].join("\n");
    expect((await televibe(["emit"], { ...at, input: lines })).stdout.toString()).toMatch(/^2 /);
    const bad = await televibe(["emit"], { ...at, input: `${lines}{"event_type":"job.completed"}\n` });
    expect(bad.stderr).toMatch(/Line 2 .*project_id/);

    expect((await televibe(["sessions"], at)).stdout.toString()).toMatch(/shop[\s\S]*✓ Build it {2}completed/);
    const events = (await televibe(["events", "--json"], at)).stdout.toString().trim().split("\n");
    expect(events.map((line) => JSON.parse(line).event_type)).toEqual(["job.started", "job.completed"]);
    const replay = (await televibe(["replay", "--project", "shop"], at)).stdout.toString();
    expect(replay).toMatch(/started[\s\S]*completed[\s\S]*✓ Build it/);
    expect((await televibe(["status", "--json"], at)).stdout.toString()).toMatch(/"status":"healthy"/);
    expect((await televibe(["doctor"], at)).code).toBe(0);
    expect(JSON.parse((await televibe(["schema"], at)).stdout.toString())).toMatchObject({ type: "object" });
    expect((await televibe(["stop"], at)).code).toBe(0);
    expect((await televibe(["status"], at)).code).toBe(3);
    expect((await televibe(["doctor"], at)).code).toBe(1);
  });
});
