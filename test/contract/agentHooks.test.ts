/** What agents' hooks tell reaches a real bridge, in a real repository, over its socket: while it runs, after it was killed, and before it runs. */
import { randomUUID } from "node:crypto";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { BridgeUnreachableError } from "../../shared/client/bridgeUnreachableError.ts";
import { paths } from "../../shared/client/dataPaths.ts";
import type { HookAnswer, HookCall } from "../../shared/protocol/agentHook.ts";
import { createRepository } from "../bridge/git/repository.ts";
import { type BridgeProcess, startBridgeProcess, temporaryFolder } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";

const BASH = { tool_name: "Bash", tool_input: { command: "npm test" } };

class Hook {
  readonly #cwd: string;

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  make(hook_event_name: string, fields: object = {}): HookCall {
    const common = { session_id: "s1", prompt_id: "p1", cwd: this.#cwd };
    return { hook_id: randomUUID(), at: new Date().toISOString(), input: { ...common, hook_event_name, ...fields } };
  }

  call(bridge: BridgeProcess, event: string, fields?: object): Promise<HookAnswer> {
    const client = new BridgeClient(bridge.entry);
    return client.json("POST", "/v1/hooks/claude", { body: this.make(event, fields) });
  }
}

function answerTo(bridge: BridgeProcess, approvalId: string): Promise<HookAnswer> {
  const path = `/v1/hooks/claude/answers/${approvalId}`;
  return new BridgeClient(bridge.entry).json("GET", path, { query: [["wait", "60"]], silenceMs: 90_000 });
}

async function types(bridge: BridgeProcess): Promise<string[]> {
  const { events } = await new BridgeClient(bridge.entry).eventsPage({ order: "asc", limit: 1000 });
  return events.map(({ event_type }) => event_type);
}

/** Of the turn. Empty while it has none. */
async function logOf(client: BridgeClient): Promise<readonly string[]> {
  return (await client.logPage("claude-p1", { lines: 100 })).lines;
}

/** As hooks do that find no bridge. */
async function leave(dataDir: string, calls: readonly HookCall[]): Promise<void> {
  const { hookSpool } = paths(dataDir);
  await mkdir(hookSpool, { recursive: true });
  for (const [index, call] of calls.entries()) {
    const at = String(Date.parse(call.at) + index).padStart(15, "0");
    await writeFile(join(hookSpool, `${at}-${call.hook_id}.json`), JSON.stringify({ agent: "claude", ...call }));
  }
}

describe("a coding agent's hooks", () => {
  it("make a turn of which a person allows a tool, over a restart of the bridge", async () => {
    await using folder = await temporaryFolder();
    await createRepository(join(folder.path, "shop"));
    const dataDir = join(folder.path, "data");
    const hook = new Hook(join(folder.path, "shop"));
    let approvalId = "";
    {
      await using bridge = await startBridgeProcess({ dataDir });
      await hook.call(bridge, "SessionStart", { source: "startup" });
      await hook.call(bridge, "UserPromptSubmit", { prompt: "Test it" });
      await hook.call(bridge, "PreToolUse", { ...BASH, tool_use_id: "t1" });
      const asked = await hook.call(bridge, "PermissionRequest", BASH);
      if (asked.kind !== "wait") throw new Error("Nobody is asked");
      approvalId = asked.approval_id;
      const client = new BridgeClient(bridge.entry);
      await eventually("the question", async () => (await client.approvals({ state: "pending" })).length > 0);
      // Lines of a log are written a moment after their event.
      await eventually("its line", async () => (await logOf(client)).includes("? Asks to run npm test"));
      const lost = expect(answerTo(bridge, approvalId)).rejects.toThrow(BridgeUnreachableError);
      await bridge.kill();
      await lost;
    }
    await using bridge = await startBridgeProcess({ dataDir });
    const client = new BridgeClient(bridge.entry);
    const waiting = answerTo(bridge, approvalId);
    await client.decide(approvalId, { decision: "approve", surface: "vscode", decided_by: { name: "Ada" } });
    const answer = await waiting;
    expect(answer.kind === "answer" && JSON.parse(answer.output)).toEqual({
      hookSpecificOutput: { hookEventName: "PermissionRequest", decision: { behavior: "allow" } },
    });
    await hook.call(bridge, "PostToolUse", { ...BASH, tool_use_id: "t1", tool_response: {}, duration_ms: 1200 });
    await hook.call(bridge, "Stop", { last_assistant_message: "It works." });

    expect(await types(bridge)).toEqual([
      "session.created",
      "job.started",
      "job.tool_started",
      "job.approval_needed",
      "job.approved",
      "job.tool_completed",
      "job.completed",
    ]);
    const { state } = await client.state();
    expect(state.sessions).toMatchObject([
      { project_id: "shop", session_id: "claude-s1", name: "Claude Code on main", agent: "claude" },
    ]);
    expect(state.jobs).toMatchObject([{ job_id: "claude-p1", state: "completed", summary: "It works." }]);
    expect(await logOf(client)).toEqual([
      "> Test it",
      "→ Bash: npm test",
      "? Asks to run npm test",
      "✓ Approved by Ada in VS Code",
      "✓ Bash: npm test · 1.2s",
      "It works.",
    ]);
  });

  it("that found no bridge are taken in when there is one", async () => {
    await using folder = await temporaryFolder();
    const hook = new Hook("/nowhere/shop");
    const { hookSpool } = paths(folder.path);
    const calls = [
      hook.make("UserPromptSubmit", { prompt: "Test it" }),
      hook.make("PreToolUse", { ...BASH, tool_use_id: "t1" }),
      hook.make("PostToolUse", { ...BASH, tool_use_id: "t1", tool_response: {} }),
      hook.make("Stop", { last_assistant_message: "It works." }),
    ];
    await leave(folder.path, calls);
    await using bridge = await startBridgeProcess({ dataDir: folder.path });
    await eventually("all to be taken in", async () => (await readdir(hookSpool)).length === 0);
    expect(await types(bridge)).toEqual([
      "session.created",
      "job.started",
      "job.tool_started",
      "job.tool_completed",
      "job.completed",
    ]);
  });

  it("that left much delay no bridge, and none of it is lost, doubled or overtaken when it is stopped or killed amid it", async () => {
    await using folder = await temporaryFolder();
    const { hookSpool } = paths(folder.path);
    const left = async () => (await readdir(hookSpool)).length;
    const hook = new Hook("/nowhere/shop");
    const padding = "x".repeat(900_000);
    const ids = Array.from({ length: 200 }, (_, index) => `t${index}`);
    await leave(folder.path, [
      hook.make("UserPromptSubmit", { prompt: "Test it" }),
      ...ids.map((tool_use_id) => hook.make("PreToolUse", { ...BASH, tool_use_id, padding })),
    ]);

    const first = await startBridgeProcess({ dataDir: folder.path });
    expect(await left()).toBeGreaterThan(0);
    expect(await first.stop()).toBe(0);
    const rest = await left();
    expect(rest).toBeGreaterThan(0);
    expect(rest).toBeLessThan(ids.length);
    const second = await startBridgeProcess({ dataDir: folder.path });
    await second.kill();
    expect(await left()).toBeGreaterThan(0);

    await using bridge = await startBridgeProcess({ dataDir: folder.path });
    expect(await left()).toBeGreaterThan(0);
    const asked = await hook.call(bridge, "PermissionRequest", BASH);
    expect(asked.kind).toBe("wait");
    const client = new BridgeClient(bridge.entry);
    await eventually("the question", async () => (await client.approvals({ state: "pending" })).length > 0);
    const { events } = await client.eventsPage({ order: "asc", limit: 1000 });
    expect(events.map(({ event_type, data }) => data["tool_use_id"] ?? event_type)).toEqual([
      "session.created",
      "job.started",
      ...ids,
      "job.approval_needed",
    ]);
  });
});
