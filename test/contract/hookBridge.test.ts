/** `televibe hook` and the bridge together: what an agent does is seen, and what a person says reaches the agent. */
import { randomUUID } from "node:crypto";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { startBridgeProcess, startTelevibe, televibe, temporaryFolder } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";

async function createWorld() {
  const folder = await temporaryFolder();
  const dataDir = join(folder.path, "d");
  const cwd = join(folder.path, "shop");
  await mkdir(cwd);
  const session = { session_id: randomUUID(), transcript_path: join(folder.path, "none.jsonl"), cwd };
  const turn = { ...session, prompt_id: randomUUID(), permission_mode: "default" };
  const bash = { tool_name: "Bash", tool_input: { command: "npm test" } };
  const start = (input: object, ...words: readonly string[]) =>
    startTelevibe(["hook", "claude", "--delivery-ms", "60000", ...words], { dataDir, input: JSON.stringify(input) });
  return {
    ...{ dataDir, start, spool: join(dataDir, "spool", "hooks") },
    hook: async (event: string, fields: object = {}) =>
      (await start({ ...turn, hook_event_name: event, ...fields }).result).stdout.toString(),
    question: { ...turn, hook_event_name: "PermissionRequest", ...bash },
    tool: (tool_use_id: string) => ({ ...bash, tool_use_id }),
    jobId: `claude-${turn.prompt_id}`,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

type World = Awaited<ReturnType<typeof createWorld>>;

async function beginTurn({ hook }: World): Promise<void> {
  await hook("SessionStart", { source: "startup", prompt_id: undefined });
  await hook("UserPromptSubmit", { prompt: "Mend the tests" });
}

async function finishTurn({ hook, tool }: World): Promise<void> {
  for (const id of ["one", "two", "three"]) {
    await hook("PreToolUse", tool(id));
    await hook("PostToolUse", { ...tool(id), tool_response: { stdout: "ok" } });
  }
  await hook("Stop", { stop_hook_active: false, last_assistant_message: "They pass." });
}

const STORY = [
  "job.started",
  ...Array.from({ length: 3 }, () => ["job.tool_started", "job.tool_completed"]).flat(),
  "job.completed",
];

/** What was told of a turn, once its end was. */
function wholeStory(client: BridgeClient, jobId: string): Promise<readonly string[]> {
  return eventually("the turn's end", async () => {
    const seen = await storyOf(client, jobId);
    return seen.includes("job.completed") && seen;
  });
}

async function storyOf(client: BridgeClient, jobId: string): Promise<readonly string[]> {
  const events = await client.events({ job_id: [jobId], limit: 100, order: "asc" });
  return events.map(({ event_type }) => event_type).filter((type) => type !== "job.progress");
}

it("a turn is seen whole and in order", async () => {
  await using world = await createWorld();
  await using bridge = await startBridgeProcess({ dataDir: world.dataDir });
  const client = new BridgeClient(bridge.entry);
  await beginTurn(world);
  await finishTurn(world);
  expect(await wholeStory(client, world.jobId)).toEqual(STORY);
  await eventually("an empty folder", async () => (await readdir(world.spool)).length === 0);
});

it("a turn whose steps no bridge saw is told by the next one", async () => {
  await using world = await createWorld();
  const first = await startBridgeProcess({ dataDir: world.dataDir });
  // While it runs: a hook that finds no bridge when a turn begins starts one.
  await beginTurn(world);
  await first.kill();
  await finishTurn(world);
  await using second = await startBridgeProcess({ dataDir: world.dataDir });
  expect(await wholeStory(new BridgeClient(second.entry), world.jobId)).toEqual(STORY);
});

it.each([
  { word: "approve", behavior: "allow", message: undefined },
  { word: "deny", behavior: "deny", message: "Not on a Friday" },
])("what a person says reaches the agent: $word, over a restart of the bridge", async ({ word, behavior, message }) => {
  await using world = await createWorld();
  const { dataDir } = world;
  const first = await startBridgeProcess({ dataDir });
  await world.hook("UserPromptSubmit", { prompt: "Mend the tests" });
  const waiting = world.start(world.question);
  const client = new BridgeClient(first.entry);
  const [approval] = await eventually("the question", async () => {
    const pending = await client.approvals({ state: "pending" });
    return pending.length > 0 && pending;
  });
  expect(approval).toMatchObject({ action: "npm test", context: { agent: "claude" } });
  await first.kill();
  await using _second = await startBridgeProcess({ dataDir });
  const words = [word, approval?.approval_id ?? "", ...(message === undefined ? [] : ["--reason", message])];
  expect((await televibe(words, { dataDir })).code).toBe(0);
  const { code, stdout } = await waiting.result;
  expect(code).toBe(0);
  expect(JSON.parse(stdout.toString())).toMatchObject({
    hookSpecificOutput: { hookEventName: "PermissionRequest", decision: { behavior, ...(message ? { message } : {}) } },
  });
});

it("a hook that gave up while the bridge was away has its turn go on, and nobody is asked for it any more", async () => {
  await using world = await createWorld();
  const { dataDir } = world;
  const first = await startBridgeProcess({ dataDir });
  await world.hook("UserPromptSubmit", { prompt: "Mend the tests" });
  const waiting = world.start(world.question, "--grace-ms", "300");
  const client = new BridgeClient(first.entry);
  await eventually("the question", async () => (await client.approvals({ state: "pending" })).length === 1);
  await first.kill();
  expect((await waiting.result).stdout.toString()).toBe("");
  await using second = await startBridgeProcess({ dataDir });
  const next = new BridgeClient(second.entry);
  const [approval] = await eventually("the withdrawal", async () => {
    const withdrawn = await next.approvals({ state: "withdrawn" });
    return withdrawn.length > 0 && withdrawn;
  });
  expect(approval?.decision?.reason).toBe("Nobody answered in Televibe; Claude Code asks by itself");
  await finishTurn(world);
  expect((await wholeStory(next, world.jobId)).at(-1)).toBe("job.completed");
});
