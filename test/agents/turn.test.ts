/** A turn of a real agent, as Televibe tells it: whole, in order, with durations, a log that reads as a story, and usage. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { CLAUDE } from "./harness/claude.ts";
import { CODEX } from "./harness/codex.ts";
import { openWorld, type World } from "./harness/world.ts";
import { answering, USAGE_AN_ANSWER } from "./modelServer/conversation.ts";

const PROMPT = "Count from one";
const BEFORE = "export const total = 0;";
const AFTER = "export const total = 1;";
const ANSWERS = 4;

describe.each([CLAUDE, CODEX])("a turn of $name with three tool calls", (agent) => {
  it("is told whole and in order", async () => {
    await using world = await openWorld(agent, (project) => {
      const cart = join(project, "cart.js");
      return answering(
        PROMPT,
        { text: "I look around first.", uses: [agent.shell("call_1", "echo around")] },
        { uses: [agent.read("call_2", cart)] },
        { uses: [agent.edit("call_3", cart, BEFORE, AFTER)] },
        { text: "The cart counts from one." },
      );
    });
    const { code, stderr } = await world.run(PROMPT);
    expect(code, stderr).toBe(0);

    const session = await closedSession(world);
    expect(session).toMatchObject({ agent: agent.name, branch: "main", workspace: world.project, state: "closed" });
    expect(session.session_id).toMatch(new RegExp(`^${agent.name}-`));

    const { state } = await world.client.state();
    expect(state.jobs).toHaveLength(1);
    const [job] = state.jobs;
    expect(job).toMatchObject({
      session_id: session.session_id,
      agent: agent.name,
      instruction: PROMPT,
      state: "completed",
      summary: "The cart counts from one.",
      files_changed: ["cart.js"],
      tool_call_count: 3,
      approval_ids: [],
    });
    const { shell, read, edit } = agent.toolNames;
    expect(job?.tool_calls).toMatchObject([
      { call_id: "call_1", tool: shell, state: "succeeded", duration_seconds: expect.any(Number) },
      { call_id: "call_2", tool: read, state: "succeeded", duration_seconds: expect.any(Number) },
      { call_id: "call_3", tool: edit, state: "succeeded", duration_seconds: expect.any(Number), diff_stat: "+1 -1" },
    ]);
    const usage = {
      input_tokens: ANSWERS * USAGE_AN_ANSWER.input,
      cache_read_tokens: ANSWERS * USAGE_AN_ANSWER.cacheRead,
      output_tokens: ANSWERS * USAGE_AN_ANSWER.output,
    };
    expect(job?.usage).toMatchObject(usage);
    expect(session.usage).toMatchObject(usage);

    const events = await world.client.events({ session_id: [session.session_id], order: "asc", limit: 100 });
    const call = ["job.tool_started", "job.tool_completed"];
    expect(events.map(({ event_type }) => event_type)).toEqual([
      "session.created",
      "job.started",
      ...call,
      ...call,
      ...call,
      "job.completed",
      "session.closed",
    ]);

    const { lines } = await world.client.logPage(job?.job_id ?? "", { lines: 100 });
    expect(lines.join("\n")).toMatch(
      /Count from one.*I look around first\..*echo around.*cart\.js.*cart\.js.*The cart counts from one\./s,
    );
    expect(await world.processes(), "nothing is left behind").toEqual([]);
  });
});

async function closedSession({ client }: World) {
  return eventually("the end of the session", async () => {
    const { sessions } = (await client.state()).state;
    return sessions.find(({ closed_at }) => closed_at !== null);
  });
}
