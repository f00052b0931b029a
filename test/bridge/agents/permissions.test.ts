import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { HookCall } from "../../../shared/protocol/agentHook.ts";
import { eventually } from "../../support/eventually.ts";
import { postEvents, send, startTestServer, type TestServer, TOKEN } from "../http/testServer.ts";
import { Agent, deliver, waitForAnswer } from "./hookCalls.ts";

const BASH = { tool_name: "Bash", tool_input: { command: "npm test", description: "Runs the tests" } };
const RULES = [
  {
    type: "addRules",
    rules: [{ toolName: "Bash", ruleContent: "npm test:*" }],
    behavior: "allow",
    destination: "localSettings",
  },
];
const ALLOW = { hookSpecificOutput: { hookEventName: "PermissionRequest", decision: { behavior: "allow" } } };

/** From now on nothing is on the disk until it is released. */
function holdDisk(server: TestServer): { release(): void } {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const publish = server.http.ingest.publish.bind(server.http.ingest);
  server.http.ingest.publish = async (events) => {
    await released;
    return publish(events);
  };
  return { release };
}

/** A turn that asks for permission; answers the approval's id. */
async function ask(agent: Agent, fields: object = BASH): Promise<string> {
  await agent.call("UserPromptSubmit", { prompt: "Test it" });
  await agent.call("PreToolUse", { ...fields, tool_use_id: "t1" });
  const answer = await agent.call("PermissionRequest", { ...fields });
  if (answer.kind !== "wait") throw new Error(`It was answered at once: ${JSON.stringify(answer)}`);
  return answer.approval_id;
}

const claude = (server: TestServer) => new Agent(server, "claude", { session_id: "s1", prompt_id: "p1" });
const codex = (server: TestServer) => new Agent(server, "codex", { session_id: "s1", turn_id: "p1" });

function approval(server: TestServer, id: string) {
  const found = server.projection.state.approvals.get(id);
  if (found === undefined) throw new Error(`There is no approval ${id}`);
  return found;
}

async function printed(server: TestServer, agent: "claude" | "codex", id: string): Promise<unknown> {
  const answer = await waitForAnswer(server, agent, id);
  if (answer.kind !== "answer") throw new Error(`It has no answer: ${JSON.stringify(answer)}`);
  return answer.output === "" ? "" : JSON.parse(answer.output);
}

describe("a request for permission", () => {
  it("is asked with all that it takes to judge it", async () => {
    await using server = await startTestServer();
    const id = await ask(claude(server), { ...BASH, permission_suggestions: RULES });
    expect(approval(server, id)).toMatchObject({
      state: "pending",
      job_id: "claude-p1",
      scope: "command",
      action: "npm test",
      reason: "Runs the tests",
      context: { agent: "claude", tool: "Bash", command: "npm test", cwd: "/nowhere/shop", tool_use_id: "t1" },
      offers: [
        { remember: "session", text: 'allow Bash "npm test" in this session' },
        { remember: "always", text: 'allow Bash "npm test" in shop at /nowhere/shop' },
        { remember: "agent", text: "Claude Code allows Bash(npm test:*) in this project" },
      ],
    });
    expect(server.projection.state.jobs.get("claude-p1")?.state).toBe("waiting");
  });

  it("shows an edit as the diff of the file as it is", async () => {
    await using server = await startTestServer();
    const folder = await mkdtemp(join(tmpdir(), "tv-"));
    const file = join(folder, "a.ts");
    await writeFile(file, "one\ntwo\nthree\nfour\nfive\nsix\nseven\n");
    const tool_input = { file_path: file, old_string: "six", new_string: "6" };
    const agent = new Agent(server, "claude", { session_id: "s1", prompt_id: "p1", cwd: folder });
    const id = await ask(agent, { tool_name: "Edit", tool_input });
    await rm(folder, { recursive: true });
    expect(approval(server, id)).toMatchObject({
      scope: "edit",
      action: "Edit a.ts",
      context: {
        path: file,
        diff: "--- a/a.ts\n+++ b/a.ts\n@@ -3,5 +3,5 @@\n three\n four\n five\n-six\n+6\n seven\n",
      },
    });
  });

  it("is allowed by no rule where its command or its path is not all of it, and denied as ever", async () => {
    await using server = await startTestServer();
    const decisions = async (rules: readonly object[], tool_name: string, tool_input: object) => {
      await writeFile(server.rulesFile.path, JSON.stringify({ rules }));
      const answer = await codex(server).call("PermissionRequest", { tool_name, tool_input });
      return answer.kind === "answer" ? JSON.parse(answer.output).hookSpecificOutput.decision.behavior : answer.kind;
    };
    const allow = { decision: "allow", tool: "*" };
    expect(await decisions([allow], "Bash", { command: "ls" })).toBe("allow");
    expect(await decisions([allow], "Bash", { command: "ls", workdir: "/etc" })).toBe("wait");
    const denyList = { decision: "deny", command: "ls" };
    expect(await decisions([denyList, allow], "Bash", { command: "ls", workdir: "/etc" })).toBe("deny");
    const patch = (...files: string[]) => ({
      command: ["*** Begin Patch", ...files.flatMap((each) => [`*** Add File: ${each}`, "+1"]), "*** End Patch"].join(
        "\n",
      ),
    });
    const allowShop = { decision: "allow", path: "/nowhere/shop/**" };
    const denyEtc = { decision: "deny", path: "/etc/**" };
    expect(await decisions([allowShop], "apply_patch", patch("a", "b"))).toBe("allow");
    expect(await decisions([allowShop], "apply_patch", patch("a", "/etc/b"))).toBe("wait");
    expect(await decisions([denyEtc, allow], "apply_patch", patch("a", "/etc/b"))).toBe("deny");
    expect(await decisions([denyEtc, allow], "apply_patch", patch("a", "/etc/b\u2028"))).toBe("wait");
  });

  it("is allowed by the rules of the project that it is made in alone, and denied by its session's too", async () => {
    await using server = await startTestServer();
    const decisions = async (rule: object, cwd: string) => {
      await writeFile(server.rulesFile.path, JSON.stringify({ rules: [{ command: "npm test", ...rule }] }));
      const agent = claude(server);
      await agent.call("SessionStart", { source: "startup" });
      const answer = await agent.call("PermissionRequest", { ...BASH, cwd });
      return answer.kind === "answer" ? JSON.parse(answer.output).hookSpecificOutput.decision.behavior : answer.kind;
    };
    const shop = "/nowhere/shop";
    const bank = "/nowhere/bank";
    expect(await decisions({ decision: "allow", project: "shop" }, shop)).toBe("allow");
    expect(await decisions({ decision: "allow", project: "shop" }, bank)).toBe("wait");
    expect(await decisions({ decision: "allow", project: "bank" }, bank)).toBe("wait");
    expect(await decisions({ decision: "allow" }, bank)).toBe("allow");
    expect(await decisions({ decision: "deny", project: "shop" }, bank)).toBe("deny");
    expect(await decisions({ decision: "deny", project: "bank" }, bank)).toBe("deny");
    const asked = [...server.projection.state.approvals.values()].filter(({ state }) => state === "pending");
    expect(asked.map(({ offers }) => offers)).toEqual([[], []]);
  });

  it("that is allowed is answered so, in each agent's form", async () => {
    await using server = await startTestServer();
    const id = await ask(claude(server));
    const waiting = printed(server, "claude", id);
    await server.approvals.decide(id, { decision: "approve", surface: "vscode" });
    expect(await waiting).toEqual(ALLOW);
    // Asked again, since the answer got lost.
    expect(await printed(server, "claude", id)).toEqual(ALLOW);

    const other = await ask(codex(server));
    await server.approvals.decide(other, { decision: "approve", surface: "telegram" });
    expect(await printed(server, "codex", other)).toEqual(ALLOW);
  });

  it("that is allowed as the agent suggested hands the suggestion back, to the agent that takes it", async () => {
    await using server = await startTestServer();
    const id = await ask(claude(server), { ...BASH, permission_suggestions: RULES });
    await server.approvals.decide(id, { decision: "approve", surface: "vscode", remember: "agent" });
    expect(await printed(server, "claude", id)).toEqual({
      hookSpecificOutput: {
        hookEventName: "PermissionRequest",
        decision: { behavior: "allow", updatedPermissions: RULES },
      },
    });
    // Codex refuses an answer with any further field.
    const other = await ask(codex(server), { ...BASH, permission_suggestions: RULES });
    expect(approval(server, other).offers.map(({ remember }) => remember)).toEqual(["session", "always"]);
    await server.approvals.decide(other, { decision: "approve", remember: "always" });
    expect(await printed(server, "codex", other)).toEqual(ALLOW);
  });

  it.each(["claude", "codex"] as const)(
    "that is denied hands the person's reason to %s, and ends the call",
    async (name) => {
      await using server = await startTestServer();
      const agent = name === "claude" ? claude(server) : codex(server);
      const id = await ask(agent);
      await server.approvals.decide(id, {
        decision: "deny",
        reason: "Not on a Friday",
        decided_by: { name: "Ada" },
        surface: "telegram",
      });
      expect(await printed(server, name, id)).toEqual({
        hookSpecificOutput: {
          hookEventName: "PermissionRequest",
          decision: { behavior: "deny", message: "Not on a Friday" },
        },
      });
      const call = await eventually("the call's end", () =>
        server.projection.state.jobs.get(`${name}-p1`)?.tool_calls.find(({ state }) => state === "failed"),
      );
      expect(call).toMatchObject({ tool: "Bash", error: "Not on a Friday" });
      await agent.call("Stop", { last_assistant_message: "As you like." });
      expect((await server.logs.read(`${name}-p1`, { lines: 100 })).lines).toEqual([
        "> Test it",
        "→ Bash: npm test",
        "? Asks to run npm test",
        "✗ Denied by Ada in Telegram: Not on a Friday",
        "As you like.",
      ]);
    },
  );

  it("that nobody answers in time is denied, and the agent is told why", async () => {
    await using server = await startTestServer();
    const id = await ask(claude(server));
    await server.approvals.decide(id, { decision: "expire", surface: "timeout" });
    expect(JSON.stringify(await printed(server, "claude", id))).toContain("Nobody answered this request in time");
  });

  it("is answered at once when a rule has decided in the same publish", async () => {
    await using server = await startTestServer();
    const rule = server.bus.subscribe("job.approval_needed", () => undefined);
    rule[Symbol.dispose]();
    // As the door does it: the decision comes right behind the question, before the publish resolves.
    const publish = server.http.ingest.publish.bind(server.http.ingest);
    server.http.ingest.publish = async (events) => {
      const results = await publish(events);
      for (const event of events) {
        if (event.event_type !== "job.approval_needed") continue;
        const id = [...server.projection.state.approvals.keys()].at(-1) ?? "";
        await server.approvals.decide(id, { decision: "approve", surface: "rule", decided_by: { name: "tests" } });
      }
      return results;
    };
    const agent = claude(server);
    await agent.call("UserPromptSubmit", { prompt: "Test it" });
    const answer = await agent.call("PermissionRequest", BASH);
    expect(answer).toEqual({ kind: "answer", output: JSON.stringify(ALLOW) });
    await agent.call("Stop");
    expect((await server.logs.read("claude-p1", { lines: 100 })).lines).toEqual([
      "> Test it",
      "? Asks to run npm test",
      "✓ Approved by tests",
    ]);
  });

  it("that is delivered twice is one question", async () => {
    await using server = await startTestServer();
    const agent = claude(server);
    await agent.call("UserPromptSubmit", { prompt: "Test it" });
    const call = agent.make("PermissionRequest", BASH);
    expect(await deliver(server, "claude", call)).toEqual(await deliver(server, "claude", call));
    expect(server.projection.state.approvals.size).toBe(1);
  });

  it.each(["claude", "codex"] as const)(
    "that two hooks of %s ask for one call is one question, and both have its answer",
    async (name) => {
      await using server = await startTestServer();
      const agent = name === "claude" ? claude(server) : codex(server);
      const fields = { ...BASH, permission_suggestions: RULES };
      const id = await ask(agent, fields);
      expect(await agent.call("PermissionRequest", fields)).toEqual({ kind: "wait", approval_id: id });
      expect(server.projection.state.approvals.size).toBe(1);
      const answers = [printed(server, name, id), printed(server, name, id)];
      await server.approvals.decide(id, { decision: "approve" });
      expect(await Promise.all(answers)).toEqual([ALLOW, ALLOW]);
      // Asked again behind that, it is a new question.
      expect(await agent.call("PermissionRequest", fields)).not.toMatchObject({ approval_id: id });
    },
  );

  it("of one of two calls alike, or of other contents, is a question of its own", async () => {
    await using server = await startTestServer();
    const agent = codex(server);
    const id = await ask(agent);
    const other = { ...BASH, tool_input: { ...BASH.tool_input, command: "npm test -- --watch" } };
    expect(await agent.call("PermissionRequest", other)).not.toMatchObject({ approval_id: id });
    await agent.call("PreToolUse", { ...BASH, tool_use_id: "t2" });
    expect(await agent.call("PermissionRequest", BASH)).not.toMatchObject({ approval_id: id });
    expect(server.projection.state.approvals.size).toBe(3);
  });

  it("that two hooks ask, and the second is told late of, is answered to it under the name that it knows", async () => {
    await using server = await startTestServer({ hookTimings: { promptMs: 20 } });
    const agent = claude(server);
    await agent.call("UserPromptSubmit", { prompt: "Test it" });
    await agent.call("PreToolUse", { ...BASH, tool_use_id: "t1" });
    const disk = holdDisk(server);
    const [first, second] = [await agent.call("PermissionRequest", BASH), await agent.call("PermissionRequest", BASH)];
    if (first.kind !== "wait" || second.kind !== "wait") throw new Error("A question was told without a disk");
    expect(second.approval_id).not.toBe(first.approval_id);
    const answers = [first, second].map(({ approval_id }) => printed(server, "claude", approval_id));
    disk.release();
    await eventually("the second to be told", async () => {
      const answer = await waitForAnswer(server, "claude", second.approval_id, 0);
      return answer.kind === "wait" && answer.approval_id === first.approval_id;
    });
    await server.approvals.decide(first.approval_id, { decision: "approve" });
    expect(await Promise.all(answers)).toEqual([ALLOW, ALLOW]);
    expect(server.projection.state.approvals.size).toBe(1);
  });

  it("that reuses the id of another one has no answer of it, whatever it differs in", async () => {
    await using server = await startTestServer();
    const agent = claude(server);
    await agent.call("UserPromptSubmit", { prompt: "Test it" });
    const call = agent.make("PermissionRequest", BASH);
    const id = `claude-${call.hook_id}`;
    expect(await deliver(server, "claude", call)).toEqual({ kind: "wait", approval_id: id });
    await server.approvals.decide(id, { decision: "approve" });
    const none = { kind: "answer", output: "" };
    const others = [
      { tool_input: { command: "rm -rf /" } },
      { tool_name: "PowerShell" },
      { session_id: "s2", prompt_id: "p2" },
      { cwd: "/nowhere/else" },
      { permission_suggestions: RULES },
      { tool_name: "Write", tool_input: { file_path: "/nowhere/shop/a", content: "1" } },
    ];
    for (const other of others) {
      const reused = { ...call, input: { ...call.input, ...other } };
      expect(await deliver(server, "claude", reused), JSON.stringify(other)).toEqual(none);
    }
    expect(await deliver(server, "codex", call)).toEqual(none);
    // What it is for, asked at another time, is still the same question.
    const again = await deliver(server, "claude", { ...call, at: "2026-11-25T11:00:00.000Z" });
    expect(again.kind === "answer" && JSON.parse(again.output)).toEqual(ALLOW);
  });

  it("that takes longer to be told than its hook waits for the bridge is answered once it comes back", async () => {
    await using server = await startTestServer({ hookTimings: { promptMs: 20 } });
    const agent = claude(server);
    await agent.call("UserPromptSubmit", { prompt: "Test it" });
    const disk = holdDisk(server);
    const asked = await agent.call("PermissionRequest", BASH);
    const long = { tool_name: "Bash", tool_input: { command: `echo ${"x".repeat(60_000)}; rm -rf /` } };
    const unasked = await agent.call("PermissionRequest", long);
    if (asked.kind !== "wait" || unasked.kind !== "wait") throw new Error("A question was told without a disk");
    expect(await waitForAnswer(server, "claude", asked.approval_id, 0)).toEqual(asked);
    const answers = [asked, unasked].map(({ approval_id }) => printed(server, "claude", approval_id));
    disk.release();
    await eventually("the question", () => server.projection.state.approvals.has(asked.approval_id));
    await server.approvals.decide(asked.approval_id, { decision: "approve" });
    expect(await Promise.all(answers)).toEqual([ALLOW, ""]);
  });

  it("that is too long to be judged, or that a yes would not answer, is left to the agent's own prompt", async () => {
    await using server = await startTestServer();
    const agent = claude(server);
    await agent.call("UserPromptSubmit", { prompt: "Test it" });
    const long = { tool_name: "Bash", tool_input: { command: `echo ${"x".repeat(60_000)}; rm -rf /` } };
    expect(await agent.call("PermissionRequest", long)).toEqual({ kind: "answer", output: "" });
    const question = { tool_name: "AskUserQuestion", tool_input: { questions: [{ question: "Tabs or spaces?" }] } };
    expect(await agent.call("PermissionRequest", question)).toEqual({ kind: "done" });
    expect(server.projection.state.approvals.size).toBe(0);
    expect(server.projection.state.jobs.get("claude-p1")?.progress?.text).toBe("Asks in Claude Code: Tabs or spaces?");
  });
});

describe("an answer in the agent's own terminal", () => {
  it.each([
    { ending: "PostToolUse", fields: { ...BASH, tool_use_id: "t1", tool_response: {} } },
    { ending: "PostToolUseFailure", fields: { ...BASH, tool_use_id: "t1", error: "Exit code 1" } },
    { ending: "PermissionDenied", fields: { ...BASH, tool_use_id: "t1", reason: "No" } },
    { ending: "PostToolBatch", fields: { tool_calls: [{ ...BASH, tool_use_id: "t1", tool_response: "No" }] } },
    { ending: "Stop", fields: {} },
    { ending: "SessionEnd", fields: { reason: "other" } },
  ])("withdraws the request everywhere: $ending", async ({ ending, fields }) => {
    await using server = await startTestServer();
    const agent = claude(server);
    const id = await ask(agent);
    const waiting = printed(server, "claude", id);
    await agent.call(ending, fields);
    expect(await waiting).toBe("");
    expect(approval(server, id).state).toBe("withdrawn");
  });

  it("to another request leaves this one open", async () => {
    await using server = await startTestServer();
    const agent = claude(server);
    const id = await ask(agent);
    await agent.use("Bash", { command: "npm test -- --watch" }, "t2");
    expect(approval(server, id).state).toBe("pending");
  });
});

/** Leaves a call as a hook does that is heard by no bridge. */
async function leave(spool: string, call: HookCall): Promise<void> {
  const time = String(Date.parse(call.at)).padStart(15, "0");
  await writeFile(join(spool, `${time}-${call.hook_id}.json`), JSON.stringify({ agent: "claude", ...call }));
}

/** A hook that waits and then goes, as one that is killed. */
function waitAndLeave(server: TestServer, id: string, agent = "claude"): { leave(): void } {
  const outgoing = request(`${server.url}/v1/hooks/${agent}/answers/${id}?wait=60`, {
    headers: { Authorization: `Bearer ${TOKEN}` },
  });
  outgoing.on("error", () => undefined);
  outgoing.end();
  return { leave: () => void outgoing.destroy() };
}

describe("a hook that waits", () => {
  it("and leaves: its request is withdrawn, and Claude Code's turn was stopped with it", async () => {
    await using server = await startTestServer({ hookTimings: { absentMs: 300 } });
    const id = await ask(claude(server));
    const hook = waitAndLeave(server, id);
    // Longer than it may be away: it is there.
    await expect(waitForAnswer(server, "claude", id, 1)).resolves.toEqual({ kind: "wait", approval_id: id });
    hook.leave();
    await eventually("the withdrawal", () => approval(server, id).state === "withdrawn");
    expect(approval(server, id).decision).toMatchObject({
      surface: "producer",
      reason: "Claude Code no longer waits for it",
    });
    await eventually("the turn's end", () => server.projection.state.jobs.get("claude-p1")?.state === "canceled");
  });

  it("and leaves with Codex, of which nothing is heard from then on: its turn is over", async () => {
    await using server = await startTestServer({ hookTimings: { absentMs: 20, silentMs: 20 } });
    const agent = codex(server);
    const id = await ask(agent);
    const hook = waitAndLeave(server, id, "codex");
    await expect(waitForAnswer(server, "codex", id, 1)).resolves.toEqual({ kind: "wait", approval_id: id });
    hook.leave();
    const job = () => server.projection.state.jobs.get("codex-p1");
    await eventually("the turn's end", () => job()?.state === "canceled");
    expect(job()?.summary).toBe("Codex was not heard of since it stopped waiting for an answer");
    expect((await server.logs.read("codex-p1", { lines: 100 })).lines.at(-1)).toBe(`⊘ ${job()?.summary}`);
  });

  it("and leaves with Codex, which goes on: so does its turn", async () => {
    await using server = await startTestServer({ hookTimings: { absentMs: 20, silentMs: 1500 } });
    const agent = codex(server);
    const other = new Agent(server, "codex", { session_id: "s2", turn_id: "p2" });
    const ids = [await ask(agent), await ask(other)];
    const hooks = ids.map((id) => waitAndLeave(server, id, "codex"));
    for (const id of ids) await waitForAnswer(server, "codex", id, 1);
    for (const hook of hooks) hook.leave();
    await eventually("the withdrawal", () => ids.every((id) => approval(server, id).state === "withdrawn"));
    await agent.call("PreToolUse", { ...BASH, tool_use_id: "t2" });
    await eventually("the other's end", () => server.projection.state.jobs.get("codex-p2")?.state === "canceled");
    expect(server.projection.state.jobs.get("codex-p1")?.state).toBe("running");
  });

  it("and says that its time is over: its request is withdrawn, and the turn goes on", async () => {
    await using server = await startTestServer({ hookTimings: { absentMs: 20 } });
    const agent = claude(server);
    const id = await ask(agent);
    const path = `/v1/hooks/claude/answers/${id}`;
    expect(await waitForAnswer(server, "claude", id, 0)).toEqual({ kind: "wait", approval_id: id });
    const gone = await send(server, { method: "DELETE", path });
    expect(gone.json).toEqual({ kind: "answer", output: "" });
    expect(approval(server, id).decision).toMatchObject({
      surface: "producer",
      reason: "Nobody answered in Televibe; Claude Code asks by itself",
    });
    await agent.call("Notification", { message: "Claude needs your permission" });
    expect(server.projection.state.jobs.get("claude-p1")?.state).toBe("running");
  });

  it("and says so when a person has just decided: it has the answer", async () => {
    await using server = await startTestServer();
    const id = await ask(claude(server));
    await server.approvals.decide(id, { decision: "approve" });
    const { json } = await send(server, { method: "DELETE", path: `/v1/hooks/claude/answers/${id}` });
    expect(json).toEqual({ kind: "answer", output: JSON.stringify(ALLOW) });
  });

  it("and gave the bridge up before that: nobody is asked on", async () => {
    await using server = await startTestServer({ hookTimings: { absentMs: 60_000, promptMs: 20 } });
    const agent = claude(server);
    await agent.call("UserPromptSubmit", { prompt: "Test it" });
    const call = agent.make("PermissionRequest", BASH);
    const id = `claude-${call.hook_id}`;
    const disk = holdDisk(server);
    const outgoing = request(`${server.url}/v1/hooks/claude`, {
      method: "POST",
      headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" },
    });
    outgoing.on("error", () => undefined).end(JSON.stringify(call));
    await once(outgoing, "finish");
    outgoing.destroy();
    // It is behind the one that has gone.
    await agent.call("PermissionRequest", { ...BASH, tool_name: "Other" });
    disk.release();
    await eventually("the withdrawal", () => server.projection.state.approvals.get(id)?.state === "withdrawn");
  });

  it("and never came to wait was too late: its request is withdrawn, and the turn goes on", async () => {
    await using server = await startTestServer({ hookTimings: { absentMs: 50 } });
    const id = await ask(claude(server));
    await eventually("the withdrawal", () => approval(server, id).state === "withdrawn");
    expect(approval(server, id).decision?.reason).toBe("Nobody answered in Televibe; Claude Code asks by itself");
    expect(server.projection.state.jobs.get("claude-p1")?.state).toBe("running");
  });

  it("comes back after a restart of the bridge and has its answer; one that does not is given up", async () => {
    await using first = await startTestServer();
    const kept = await ask(claude(first));
    const lost = await ask(new Agent(first, "claude", { session_id: "s2", prompt_id: "p2" }));
    await first.agentHooks.stop();
    await using second = await startTestServer({ store: first.store, hookTimings: { restartMs: 300 } });
    const waiting = printed(second, "claude", kept);
    await eventually("the withdrawal", () => approval(second, lost).state === "withdrawn");
    await second.approvals.decide(kept, { decision: "approve" });
    expect(await waiting).toEqual(ALLOW);
  });

  it.each([
    { agent: "claude", start: claude, why: "Claude Code no longer waits for an answer" },
    { agent: "codex", start: codex, why: "Codex was not heard of since it stopped waiting for an answer" },
  ])("and dies with $agent while the bridge is restarted: its turn is over", async ({ agent, start, why }) => {
    await using first = await startTestServer();
    const id = await ask(start(first));
    await first.agentHooks.stop();
    await using second = await startTestServer({ store: first.store, hookTimings: { restartMs: 20, silentMs: 20 } });
    const job = () => second.projection.state.jobs.get(`${agent}-p1`);
    await eventually("the turn's end", () => job()?.state === "canceled");
    expect(job()?.summary).toBe(why);
    expect(approval(second, id)).toMatchObject({ state: "withdrawn", decision: { surface: "producer" } });
  });

  it.each([
    // It says so at once, however long hooks are waited for; and it is heard, however much stands before it.
    { before: 0, restartMs: 60_000 },
    { before: 40, restartMs: 1 },
  ])(
    "and gives up while the bridge is away, behind $before other calls: the turn goes on",
    async ({ before, restartMs }) => {
      await using first = await startTestServer();
      const agent = claude(first);
      await agent.call("UserPromptSubmit", { prompt: "Test it" });
      const call = agent.make("PermissionRequest", BASH);
      await deliver(first, "claude", call);
      await first.agentHooks.stop();
      const hookSpool = await mkdtemp(join(tmpdir(), "tv-"));
      const other = new Agent(
        first,
        "claude",
        { session_id: "s2", prompt_id: "p2" },
        new Date(Date.now() - 60_000).toISOString(),
      );
      for (let count = 0; count < before; count++) {
        await leave(hookSpool, other.make("UserPromptSubmit", { prompt: "x".repeat(900_000) }));
      }
      await leave(hookSpool, call);
      await using second = await startTestServer({ store: first.store, hookSpool, hookTimings: { restartMs } });
      await eventually("the withdrawal", () => approval(second, `claude-${call.hook_id}`).state === "withdrawn");
      expect(approval(second, `claude-${call.hook_id}`).decision?.reason).toBe(
        "Nobody answered in Televibe; Claude Code asks by itself",
      );
      await eventually("an empty folder", async () => (await readdir(hookSpool)).length === 0);
      await rm(hookSpool, { recursive: true });
      expect(second.projection.state.jobs.get("claude-p1")?.state).toBe("running");
    },
  );

  it("and was told nothing in time by a bridge that took its request: nobody is asked on", async () => {
    const hookSpool = await mkdtemp(join(tmpdir(), "tv-"));
    await using server = await startTestServer({ hookSpool, hookTimings: { absentMs: 60_000, promptMs: 20 } });
    const agent = claude(server);
    await agent.call("UserPromptSubmit", { prompt: "Test it" });
    const call = agent.make("PermissionRequest", BASH);
    const disk = holdDisk(server);
    await deliver(server, "claude", call);
    await leave(hookSpool, call);
    disk.release();
    const id = `claude-${call.hook_id}`;
    await eventually("the withdrawal", () => server.projection.state.approvals.get(id)?.state === "withdrawn");
    await eventually("an empty folder", async () => (await readdir(hookSpool)).length === 0);
    await rm(hookSpool, { recursive: true });
  });

  it.each([
    { agent: "claude", start: claude, isHeard: false, state: "canceled" },
    { agent: "codex", start: codex, isHeard: false, state: "canceled" },
    { agent: "claude", start: claude, isHeard: true, state: "running" },
  ] as const)(
    "and left just before the bridge ended: $agent, heard of since: $isHeard",
    async ({ agent, start, isHeard, state }) => {
      const nowMs = Date.now();
      await using first = await startTestServer();
      const id = await ask(start(first));
      await first.agentHooks.stop();
      const reason = `${agent === "claude" ? "Claude Code" : "Codex"} no longer waits for it`;
      await first.approvals.decide(id, { decision: "withdraw", surface: "producer", reason });
      const hookSpool = await mkdtemp(join(tmpdir(), "tv-"));
      const fields = { session_id: "s1", prompt_id: "p1" };
      const later = new Agent(first, agent, fields, new Date(nowMs + 60_000).toISOString());
      if (isHeard) await leave(hookSpool, later.make("PreToolUse", { ...BASH, tool_use_id: "t2" }));
      await using second = await startTestServer({ store: first.store, hookSpool, hookTimings: { silentMs: 20 } });
      const job = () => second.projection.state.jobs.get(`${agent}-p1`);
      await eventually("what comes of it", () =>
        isHeard ? job()?.tool_calls.some(({ call_id }) => call_id === "t2") : job()?.state !== "running",
      );
      await second.agentHooks.stop();
      await rm(hookSpool, { recursive: true });
      expect(job()?.state).toBe(state);
    },
  );

  it("at another bridge, of several with Redis, is left to that one", async () => {
    const asked = (uuid: string, bridge: string) => ({
      ...{ event_type: "job.approval_needed", project_id: "shop", session_id: "claude-s9", job_id: "claude-p9" },
      data: {
        ...{ approval_id: `claude-${uuid}`, scope: "command", action: uuid },
        context: { agent: "claude", bridge, tool: "Bash", command: uuid },
      },
    });
    const [own, other] = [randomUUID(), randomUUID()];
    await using first = await startTestServer({ hookTimings: { absentMs: 20 } });
    await postEvents(first, [asked(other, "elsewhere"), asked(own, first.store.epoch)]);
    await eventually("the withdrawal", () => approval(first, `claude-${own}`).state === "withdrawn");
    await first.agentHooks.stop();
    const late = randomUUID();
    await postEvents(first, asked(late, first.store.epoch));
    await using second = await startTestServer({ store: first.store, hookTimings: { restartMs: 20 } });
    await eventually("the withdrawal", () => approval(second, `claude-${late}`).state === "withdrawn");
    expect(approval(second, `claude-${other}`).state).toBe("pending");
  });

  it("is not taken for gone when it is the bridge that goes", async () => {
    await using server = await startTestServer({ hookTimings: { absentMs: 0 } });
    const agent = claude(server);
    await agent.call("UserPromptSubmit", { prompt: "Test it" });
    const call = agent.make("PermissionRequest", BASH);
    const answering = deliver(server, "claude", call);
    await server.agentHooks.stop();
    const answer = await answering;
    if (answer.kind !== "wait") throw new Error("It was answered at once");
    expect(approval(server, answer.approval_id).state).toBe("pending");
  });
});

describe("the routes", () => {
  it.each([
    {
      method: "POST",
      path: "/v1/hooks/cursor",
      body: {},
      status: 400,
      says: 'The hooks of "cursor" are not understood',
    },
    { method: "POST", path: "/v1/hooks/claude", body: {}, status: 400, says: "/hook_id" },
    {
      method: "POST",
      path: "/v1/hooks/claude",
      body: { hook_id: "7", at: "today", input: [] },
      status: 400,
      says: "/at: must be an RFC 3339 date",
    },
    { method: "GET", path: "/v1/hooks/claude/answers/nothing", status: 404, says: "No hook of Claude Code asked" },
    { method: "DELETE", path: "/v1/hooks/claude/answers/nothing", status: 404, says: "No hook of Claude Code asked" },
    { method: "GET", path: "/v1/hooks/claude/answers/x?wait=301", status: 400, says: "from 0 to 300" },
  ])("say what is wrong: $method $path", async ({ method, path, body, status, says }) => {
    await using server = await startTestServer();
    const headers = { "Content-Type": "application/json" };
    const received = await send(server, {
      method,
      path,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers }),
    });
    expect(received.status).toBe(status);
    expect(received.text).toContain(says.replaceAll('"', '\\"'));
  });

  it.each([5000, 200_000])("refuse an input that is nested %i deep", async (depth) => {
    await using server = await startTestServer();
    const call = JSON.stringify(claude(server).make("PreToolUse", { ...BASH, deep: 0 }));
    const received = await send(server, {
      method: "POST",
      path: "/v1/hooks/claude",
      headers: { "Content-Type": "application/json" },
      body: call.replace('"deep":0', `"deep":${"[".repeat(depth)}${"]".repeat(depth)}`),
    });
    expect(received.status).toBe(400);
    expect(received.text).toContain("must not be nested deeper than 500 levels");
  });

  it("do not answer for another agent's hook, nor for what no hook asked", async () => {
    await using server = await startTestServer();
    const id = await ask(claude(server));
    expect((await send(server, { path: `/v1/hooks/codex/answers/${id}` })).status).toBe(404);
    expect((await send(server, { path: `/v1/hooks/claude/answers/${id}` })).json).toEqual({
      kind: "wait",
      approval_id: id,
    });
  });
});
