/** The package's client against a real bridge that is killed under it. */
import { describe, expect, it } from "vitest";
import { Connection } from "../../producer/connection.ts";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { BridgeUnreachableError } from "../../shared/client/bridgeUnreachableError.ts";
import { findBridge } from "../../shared/client/findBridge.ts";
import { startBridgeProcess, temporaryFolder } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";

describe("a bridge that is killed and started again", () => {
  it("has all that the program told, once and in order, and its answer reaches the program", async () => {
    await using folder = await temporaryFolder();
    const errors: unknown[] = [];
    const first = await startBridgeProcess({ dataDir: folder.path });
    await using televibe = new Connection({
      connect: async (signal) => {
        const entry = await findBridge(folder.path, signal);
        if (entry === undefined) throw new BridgeUnreachableError("none runs");
        return entry;
      },
      source: { component: "test", instance_id: "1" },
      maxWaitingBytes: 1024 * 1024,
      closeTimeoutMs: 10_000,
      onError: (error) => errors.push(error),
    });
    const job = televibe.startJob({ project: "shop", session: "main", instruction: "Release", jobId: "j" });
    const answer = job.ask({ scope: "deploy", action: "npm publish" });
    await eventually("the question", async () => (await new BridgeClient(first.entry).approvals())[0]);

    // Killed while events are on their way: some were taken and their answers lost.
    let steps = 0;
    const tell = () => {
      void job.progress({ message: `step ${steps}` });
      void job.log(`line ${steps}\n`);
      steps += 1;
    };
    const talking = setInterval(tell, 1);
    await eventually("some steps", () => steps > 50);
    await first.kill();
    await eventually("steps without a bridge", () => steps > 150);
    await using second = await startBridgeProcess({ dataDir: folder.path });
    const client = new BridgeClient(second.entry);
    const asked = await eventually("the question", async () => (await client.approvals({ state: "pending" }))[0]);
    await client.decide(asked.approval_id, { decision: "approve" });
    expect(await answer).toMatchObject({ approved: true, state: "approved" });
    clearInterval(talking);
    await job.complete();

    const told: unknown[] = [];
    for (let after: string | null = "0"; after !== null; ) {
      const page = await client.eventsPage({ type: ["job.progress"], after, limit: 1000 });
      told.push(...page.events.map(({ data }) => ("message" in data ? data["message"] : undefined)));
      after = page.next;
    }
    expect(told).toEqual(Array.from({ length: steps }, (_, step) => `step ${step}`));
    const { lines } = await client.logPage("j", { lines: 10_000 });
    expect(lines).toEqual(Array.from({ length: steps }, (_, step) => `line ${step}`));
    expect(errors).toEqual([]);
  });
});
