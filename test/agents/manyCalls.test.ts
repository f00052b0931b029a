/** A long session leaves nothing behind. Smaller here than its bar of 1,000 tool calls, which the benchmark measures. */
import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { CLAUDE } from "./harness/claude.ts";
import { CODEX } from "./harness/codex.ts";
import { newestJob } from "./harness/sights.ts";
import { openWorld } from "./harness/world.ts";
import { answering } from "./modelServer/conversation.ts";

const ROUNDS = 6;
/** Claude Code runs those at once that only read. */
const CALLS_A_ROUND = 5;

describe.each([CLAUDE, CODEX])("a session of $name with many tool calls", (agent) => {
  it("is told whole, and no process is left of it", async () => {
    const rounds = Array.from({ length: ROUNDS }, (_, round) => ({
      uses: Array.from({ length: CALLS_A_ROUND }, (__, call) => agent.shell(`call_${round}_${call}`, `echo ${call}`)),
    }));
    await using world = await openWorld(agent, () => answering("Count", ...rounds, { text: "Counted." }));
    const { code, stderr } = await world.run("Count");
    expect(code, stderr).toBe(0);
    expect(await world.processes()).toEqual([]);

    await eventually("the turn's end", async () => (await newestJob(world)).state === "completed");
    expect((await newestJob(world)).tool_call_count).toBe(ROUNDS * CALLS_A_ROUND);
    const completed = await world.client.events({ type: ["job.tool_completed"], limit: 1000, order: "asc" });
    const expected = rounds.flatMap(({ uses }) => uses.map(({ id }) => id));
    const told = completed.map(({ data }) => ("tool_use_id" in data ? data.tool_use_id : undefined));
    expect(told.toSorted()).toEqual(expected.toSorted());
  });
});
