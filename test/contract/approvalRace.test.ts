/** Promise 5: however many answer the same approval in the same moment, there is one decision and all are told the same. */
import { describe, expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { LiveState } from "../../shared/client/liveState.ts";
import type { Approval, ApprovalState } from "../../shared/protocol/approval.ts";
import type { DiscoveryEntry } from "../../shared/protocol/discovery.ts";
import { ProblemError } from "../../shared/protocol/problem.ts";
import { startBridgeProcess, televibe, temporaryFolder } from "../support/bridgeProcess.ts";

const ROUNDS = 100;

describe("an approval answered in three places at once", () => {
  it(`has one decision in each of ${ROUNDS} rounds`, async () => {
    await using folder = await temporaryFolder();
    await using bridge = await startBridgeProcess({ dataDir: folder.path });
    // What two VS Code windows run: each has its own client and its own picture, made of the stream.
    await using left = await openWindow(bridge.entry);
    await using right = await openWindow(bridge.entry);

    for (let round = 0; round < ROUNDS; round += 1) {
      const approval_id = `approval-${round}`;
      await left.client.publish([
        {
          event_type: "job.approval_needed",
          project_id: "race",
          job_id: `job-${round}`,
          data: { approval_id, scope: "push", action: "git push" },
        },
      ]);
      const [first, second, terminal] = await Promise.all([
        decide(left.client, approval_id, "approve"),
        decide(right.client, approval_id, "deny"),
        televibe([round % 2 === 0 ? "approve" : "deny", approval_id], { dataDir: folder.path }),
      ]);

      const truth = await left.client.approval(approval_id);
      const firsts = [first.isFirst, second.isFirst, terminal.code === 0].filter(Boolean);
      expect(firsts, `round ${round}: exactly one was first`).toHaveLength(1);
      expect(first.approval, "the first window was told the truth").toEqual(truth);
      expect(second.approval, "the second window was told the truth").toEqual(truth);
      const said = terminal.stdout.toString() + terminal.stderr;
      expect(said.toLowerCase(), "the terminal was told the truth").toContain(truth.state);

      const [drawnLeft, drawnRight] = await Promise.all([left.shows(approval_id), right.shows(approval_id)]);
      expect([drawnLeft, drawnRight]).toEqual([truth.state, truth.state]);
    }

    const decisions = await left.client.events({ type: ["job.approved", "job.denied"], limit: 1000, order: "asc" });
    expect(decisions).toHaveLength(ROUNDS);
  });
});

async function decide(client: BridgeClient, id: string, decision: "approve" | "deny") {
  try {
    const { approval } = await client.decide(id, { decision, surface: "vscode", decided_by: { name: "Ada" } });
    return { isFirst: true, approval };
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== "already_decided") throw error;
    return { isFirst: false, approval: error.document.context?.["approval"] as Approval | undefined };
  }
}

async function openWindow(entry: DiscoveryEntry) {
  const live = new LiveState({ connect: async () => entry });
  live.start();
  return {
    client: new BridgeClient(entry),
    /** The state in which this window draws the approval, once it is decided. */
    shows: (approval_id: string) =>
      new Promise<ApprovalState>((resolve) => {
        const look = () => {
          const state = live.state.approvals.get(approval_id)?.state;
          if (state === undefined || state === "pending") return;
          subscription[Symbol.dispose]();
          resolve(state);
        };
        const subscription = live.onDidChange(look);
        look();
      }),
    [Symbol.asyncDispose]: () => live.stop(),
  };
}
