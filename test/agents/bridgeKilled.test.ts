/**
 * A bridge that is killed while a real agent waits for it, and stays away: the agent goes on as if there were no Televibe. The
 * tests run at once, since all that they do is wait for the hook to give the bridge up.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { CLAUDE } from "./harness/claude.ts";
import { CODEX } from "./harness/codex.ts";
import { pendingApproval } from "./harness/sights.ts";
import type { TestedAgent } from "./harness/testedAgent.ts";
import { openWorld, type World } from "./harness/world.ts";
import { answering } from "./modelServer/conversation.ts";

const PROMPT = "Touch the file";

const openAsking = (agent: TestedAgent) =>
  openWorld(agent, () =>
    answering(PROMPT, { uses: [agent.asking("call_1", "touch asked.txt")] }, { text: "Touched." }),
  );
const isTouched = ({ project }: World) => existsSync(join(project, "asked.txt"));

describe.concurrent("a bridge that is killed while the agent waits", () => {
  it.each([CLAUDE, CODEX])("leaves $name with its own question", async (agent) => {
    await using world = await openAsking(agent);
    const terminal = await world.openTerminal(PROMPT);
    await pendingApproval(world);
    await world.killBridge();
    await terminal.shows(agent.question);
    await eventually("the end of the hook that waited", async () =>
      (await world.processes()).every((command) => !command.includes(`hook ${agent.name}`)),
    );
    await terminal.press(agent.yesKey);
    await terminal.shows(/Touched\./);
    expect(isTouched(world)).toBe(true);
  });

  it("leaves Claude Code, with nobody at a terminal, to its own default", async () => {
    await using world = await openAsking(CLAUDE);
    const running = world.run(PROMPT);
    await pendingApproval(world);
    await world.killBridge();
    expect((await running).code).toBe(0);
    expect(isTouched(world)).toBe(false);
    expect(await world.processes()).toEqual([]);
  });
});
