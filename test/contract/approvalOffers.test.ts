/** Answering for more than one question at a terminal: what is offered, what is chosen, and how long there is for it. */
import { describe, expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { startBridgeProcess, televibe, temporaryFolder } from "../support/bridgeProcess.ts";

const CONTEXT = { tool: "Bash", command: "npm test" };

async function createWorld() {
  const folder = await temporaryFolder();
  const bridge = await startBridgeProcess({ dataDir: folder.path });
  const client = new BridgeClient(bridge.entry);
  return {
    client,
    run: (...words: string[]) => televibe(words, { dataDir: folder.path, cwd: folder.path }),
    ask: (approval_id: string, data: object = {}) =>
      client.publish([
        {
          event_type: "job.approval_needed",
          project_id: "shop",
          session_id: "main",
          job_id: "j1",
          data: { approval_id, scope: "command", action: "npm test", context: CONTEXT, ...data },
        },
      ]),
    [Symbol.asyncDispose]: async () => {
      await bridge[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe("at a terminal", () => {
  it("what is offered and how long there is for it stand below the question", async () => {
    await using world = await createWorld();
    await world.ask("a1", { expires_at: new Date(Date.now() + 1_790_000).toISOString() });
    const text = (await world.run("approvals")).stdout.toString();
    expect(text).toMatch(/npm test \(command\) {2}denied in (30:00|29:30) {2}a1/);
    expect(text).toContain('    --for-session  allow Bash "npm test" in this session\n');
    expect(text).toContain('    --always       allow Bash "npm test" in shop\n');
  });

  it.each([
    {
      option: "--for-session",
      remember: "session",
      says: /^Approved by .+ in a terminal, for this session — npm test$/m,
    },
    { option: "--always", remember: "always", says: /^Approved by .+ in a terminal, always from now on — npm test$/m },
  ])("$option approves for more than the one question, and says for what", async ({ option, remember, says }) => {
    await using world = await createWorld();
    await world.ask("a1");
    const { code, stdout, stderr } = await world.run("approve", "a1", option);
    expect(code).toBe(0);
    expect(stdout.toString()).toMatch(says);
    expect(stderr).toMatch(/From now on: allow Bash "npm test" in/);
    expect((await world.client.approval("a1")).decision?.remember).toBe(remember);
  });

  it("what is not offered is refused with what is, and decides nothing", async () => {
    await using world = await createWorld();
    await world.ask("a1");
    const refused = await world.run("approve", "a1", "--agent");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/--agent is not offered.*--for-session \(allow Bash.*--always \(allow Bash/);
    const both = await world.run("approve", "a1", "--always", "--for-session");
    expect(both.code).toBe(64);
    expect(both.stderr).toMatch(/do not go together/);
    expect(await world.client.approvals({ state: "pending" })).toHaveLength(1);
  });

  it("whoever asks is told how long there is for an answer", async () => {
    await using world = await createWorld();
    const { code, stderr } = await world.run("ask", "Deploy?", "--timeout", "1s");
    expect(code).toBe(2);
    expect(stderr).toMatch(/If nobody answers, it is denied in 0:01\./);
  });
});
