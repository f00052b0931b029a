/** What a real agent asks its user for, answered through Televibe, or in the agent's own terminal. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ProblemError } from "../../shared/protocol/problem.ts";
import { eventually } from "../support/eventually.ts";
import { CLAUDE } from "./harness/claude.ts";
import { CODEX } from "./harness/codex.ts";
import { newestJob, pendingApproval, toldTheModel } from "./harness/sights.ts";
import type { TestedAgent } from "./harness/testedAgent.ts";
import { openWorld, type World } from "./harness/world.ts";
import { answering } from "./modelServer/conversation.ts";

const PROMPT = "Touch the file";
const COMMAND = "touch asked.txt";
const ADA = { surface: "vscode", decided_by: { name: "Ada" } } as const;

const openAsking = (agent: TestedAgent) =>
  openWorld(agent, () =>
    answering(PROMPT, { text: "I touch it.", uses: [agent.asking("call_1", COMMAND)] }, { text: "That was it." }),
  );
const isTouched = ({ project }: World) => existsSync(join(project, "asked.txt"));

describe.each([CLAUDE, CODEX])("a permission that $name asks for", (agent) => {
  it("is shown with what is to be judged, and lets the tool run once it is given", async () => {
    await using world = await openAsking(agent);
    const terminal = await world.openTerminal(PROMPT);
    const approval = await pendingApproval(world);
    expect(approval).toMatchObject({ scope: "command", action: COMMAND });
    expect(approval.context).toMatchObject({ agent: agent.name, command: COMMAND, cwd: world.project });
    expect(await newestJob(world)).toMatchObject({ state: "waiting", instruction: PROMPT });
    expect(isTouched(world)).toBe(false);

    await world.client.decide(approval.approval_id, { decision: "approve", ...ADA });
    await terminal.shows(/That was it\./);
    expect(isTouched(world)).toBe(true);
    expect(await world.client.approval(approval.approval_id)).toMatchObject({
      state: "approved",
      decision: { surface: "vscode" },
    });
    await eventually("the turn's end", async () => (await newestJob(world)).state === "completed");
  });

  it("reaches the model as the reason, where it is denied with one", async () => {
    await using world = await openAsking(agent);
    const terminal = await world.openTerminal(PROMPT);
    const { approval_id } = await pendingApproval(world);
    await world.client.decide(approval_id, { decision: "deny", reason: "Not on a Friday", ...ADA });
    await terminal.shows(/That was it\./);
    expect(toldTheModel(world, "call_1")).toContain("Not on a Friday");
    expect(isTouched(world)).toBe(false);
    const job = await eventually("the turn's end", async () => {
      const newest = await newestJob(world);
      return newest.state === "completed" && newest;
    });
    expect(job.tool_calls).toMatchObject([{ call_id: "call_1", state: "failed" }]);
  });

  it("is not asked for again in a session for which it was given", async () => {
    await using world = await openWorld(agent, () =>
      answering(
        PROMPT,
        { uses: [agent.asking("call_1", COMMAND)] },
        { uses: [agent.asking("call_2", COMMAND)] },
        { text: "That was it." },
      ),
    );
    const terminal = await world.openTerminal(PROMPT);
    const { approval_id, offers } = await pendingApproval(world);
    expect(offers.map(({ remember }) => remember)).toContain("session");
    await world.client.decide(approval_id, { decision: "approve", remember: "session", ...ADA });
    await terminal.shows(/That was it\./);
    const decided = await world.client.approvals({ state: "approved" });
    expect(decided.map(({ decision }) => decision?.surface).toSorted()).toEqual(["rule", "vscode"]);
    expect(toldTheModel(world, "call_2")).toBeDefined();
  });

  it("is withdrawn where the agent is killed, and lets nothing be accepted into nothing", async () => {
    await using world = await openAsking(agent);
    await world.openTerminal(PROMPT);
    const { approval_id } = await pendingApproval(world);
    await world.killAgent();
    await eventually("its end", async () => (await world.client.approval(approval_id)).state === "withdrawn");
    expect(await world.client.approval(approval_id)).toMatchObject({
      decision: { surface: "producer", reason: expect.stringMatching(/ no longer waits for it$/) },
    });
    expect((await world.processes()).filter((command) => command.includes(" hook "))).toEqual([]);
  });

  it("is withdrawn where the person turns it down in the agent's own terminal", async () => {
    await using world = await openAsking(agent);
    const terminal = await world.openTerminal(PROMPT);
    const { approval_id } = await pendingApproval(world);
    await terminal.press(agent.noKey);
    await eventually("its end", async () => (await world.client.approval(approval_id)).state === "withdrawn");
    expect(isTouched(world)).toBe(false);
    await expect(world.client.decide(approval_id, { decision: "approve", ...ADA })).rejects.toThrow(ProblemError);
    await eventually("the end of the turn, which is over with it", async () => {
      const { state } = await newestJob(world);
      return state === "canceled";
    });
  });
});

describe("Claude Code, whose own question stands beside Televibe's", () => {
  it("has the request withdrawn everywhere once its user says yes in the terminal", async () => {
    await using world = await openAsking(CLAUDE);
    const terminal = await world.openTerminal(PROMPT);
    const { approval_id } = await pendingApproval(world);
    await terminal.shows(CLAUDE.question);
    await terminal.press(CLAUDE.yesKey);
    await terminal.shows(/That was it\./);
    expect(isTouched(world)).toBe(true);
    await eventually("its end", async () => (await world.client.approval(approval_id)).state === "withdrawn");
  });

  it("keeps what it suggests to remember, where that is chosen", async () => {
    await using world = await openWorld(CLAUDE, () =>
      answering(
        PROMPT,
        { uses: [CLAUDE.asking("call_1", COMMAND)] },
        { uses: [CLAUDE.asking("call_2", "touch another.txt")] },
        { text: "That was it." },
      ),
    );
    const terminal = await world.openTerminal(PROMPT);
    const { approval_id, offers } = await pendingApproval(world);
    expect(offers.map(({ remember }) => remember)).toContain("agent");
    await world.client.decide(approval_id, { decision: "approve", remember: "agent", ...ADA });
    await terminal.shows(/That was it\./);
    expect(await world.client.approvals()).toHaveLength(1);
    expect(existsSync(join(world.project, "another.txt"))).toBe(true);
  });

  it("asks where nobody sits at a terminal, too", async () => {
    await using world = await openAsking(CLAUDE);
    const running = world.run(PROMPT);
    const { approval_id } = await pendingApproval(world);
    await world.client.decide(approval_id, { decision: "approve", ...ADA });
    const { code, stdout } = await running;
    expect(code).toBe(0);
    expect(stdout.toString()).toContain("That was it.");
    expect(isTouched(world)).toBe(true);
  });
});
