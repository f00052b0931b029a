/** A real agent asks for permission, and a person presses Approve in a real VS Code. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLAUDE } from "../agents/harness/claude.ts";
import { CODEX } from "../agents/harness/codex.ts";
import { newestJob, pendingApproval } from "../agents/harness/sights.ts";
import { type World as AgentWorld, openWorld } from "../agents/harness/world.ts";
import { answering } from "../agents/modelServer/conversation.ts";
import { eventually } from "../support/eventually.ts";
import type { Workbench } from "./harness/workbench.ts";
import { createWorld, RESULTS, type World } from "./harness/world.ts";

const PROMPT = "Touch the file";
const COMMAND = "touch asked.txt";

describe.each([CLAUDE, CODEX])("$name, asking while a window is open", (agent) => {
  let agents: AgentWorld;
  let world: World;
  let workbench: Workbench;

  beforeAll(async () => {
    agents = await openWorld(agent, () =>
      answering(PROMPT, { text: "I touch it.", uses: [agent.asking("call_1", COMMAND)] }, { text: "That was it." }),
    );
    world = await createWorld({ dataDir: agents.dataDir });
    workbench = await world.openWindow(agents.project);
    await workbench.openContainer("Televibe");
    await eventually("the extension to be connected", async () =>
      (await workbench.statusBar()).some((text) => /Televibe/.test(text) && /connected/i.test(text)),
    );
  });

  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await agents[Symbol.asyncDispose]();
  });

  it("runs the command once Approve is pressed in its notification", async () => {
    const terminal = await agents.openTerminal(PROMPT);
    const { approval_id } = await pendingApproval(agents);
    await workbench.notification(/touch asked\.txt/);
    await workbench.screenshot(join(RESULTS, `agent-${agent.name}-asks.png`));
    expect(existsSync(join(agents.project, "asked.txt"))).toBe(false);
    await workbench.clickNotificationButton(/touch asked\.txt/, "Approve");
    await terminal.shows(/That was it\./);
    expect(existsSync(join(agents.project, "asked.txt"))).toBe(true);
    expect(await agents.client.approval(approval_id)).toMatchObject({
      state: "approved",
      decision: { surface: "vscode" },
    });
    await eventually("the turn's end", async () => (await newestJob(agents)).state === "completed");
    await eventually("the session at rest", async () =>
      /^idle/.test((await workbench.row("Sessions", / on main/)).description),
    );
    await workbench.screenshot(join(RESULTS, `agent-${agent.name}-done.png`));
  });
});
