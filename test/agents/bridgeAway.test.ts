/** A bridge that comes back: to an agent that still waits for it, and after a whole turn without it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { CLAUDE } from "./harness/claude.ts";
import { CODEX } from "./harness/codex.ts";
import { newestJob, pendingApproval } from "./harness/sights.ts";
import type { TestedAgent } from "./harness/testedAgent.ts";
import { openWorld, type World } from "./harness/world.ts";
import { answering } from "./modelServer/conversation.ts";

const PROMPT = "Touch the file";

const openAsking = (agent: TestedAgent) =>
  openWorld(agent, () =>
    answering(PROMPT, { uses: [agent.asking("call_1", "touch asked.txt")] }, { text: "Touched." }),
  );
const isTouched = ({ project }: World) => existsSync(join(project, "asked.txt"));

describe.each([CLAUDE, CODEX])("the bridge of $name", (agent) => {
  it("restarted while the agent waits: the decision still arrives", async () => {
    await using world = await openAsking(agent);
    const terminal = await world.openTerminal(PROMPT);
    const { approval_id } = await pendingApproval(world);
    await world.killBridge();
    await world.startBridge();
    await world.client.decide(approval_id, {
      decision: "approve",
      surface: "vscode",
      decided_by: { name: "Ada" },
    });
    await terminal.shows(/Touched\./);
    expect(isTouched(world)).toBe(true);
    await eventually("the turn's end", async () => (await newestJob(world)).state === "completed");
  });

  it("away for a whole turn: the turn is told once it is back", async () => {
    await using world = await openWorld(agent, () =>
      answering("Look", { uses: [agent.shell("call_1", "echo hello")] }, { text: "Seen." }),
    );
    await world.killBridge();
    const { code, stdout } = await world.run("Look");
    expect(code).toBe(0);
    expect(stdout.toString()).toContain("Seen.");
    await world.awaitBridge();
    const job = await eventually("the turn's end", async () => {
      const newest = await newestJob(world);
      return newest.state === "completed" && newest;
    });
    expect(job).toMatchObject({ instruction: "Look", summary: "Seen.", tool_call_count: 1 });
  });
});

describe.concurrent("the bridge of an agent that was asked for a permission", () => {
  it("sees, once it is back, that the agent has died meanwhile: its turn is over", async () => {
    await using world = await openAsking(CLAUDE);
    await world.openTerminal(PROMPT);
    const { approval_id } = await pendingApproval(world);
    await world.killBridge();
    await world.killAgent();
    await eventually("the hook's end", async () => (await world.processes()).every((each) => !each.includes(" hook ")));
    await world.startBridge();
    await eventually("the turn's end", async () => (await newestJob(world)).state === "canceled");
    expect((await world.client.approval(approval_id)).state).toBe("withdrawn");
  });

  it.each([CLAUDE, CODEX])(
    "sees, once it is back, that $name has asked by itself, and its turn goes on",
    async (agent) => {
      await using world = await openAsking(agent);
      const terminal = await world.openTerminal(PROMPT);
      const { approval_id } = await pendingApproval(world);
      await world.killBridge();
      await terminal.shows(agent.question);
      await eventually("the hook's end", async () =>
        (await world.processes()).every((each) => !each.includes(" hook ")),
      );
      await world.startBridge();
      await eventually("the withdrawal", async () => (await world.client.approval(approval_id)).state === "withdrawn");
      expect((await newestJob(world)).state).toBe("running");
      await terminal.press(agent.yesKey);
      await terminal.shows(/Touched\./);
      await eventually("the turn's end", async () => (await newestJob(world)).state === "completed");
      const types = (await world.client.events({ type: ["job.*"], limit: 1000 })).map(({ event_type }) => event_type);
      expect(types).not.toContain("job.canceled");
    },
  );
});
