/** Two real VS Code windows and a terminal answer the same approval in the same moment, again and again. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { type BridgeProcess, startBridgeProcess, televibe } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";
import type { Workbench } from "./harness/workbench.ts";
import { createWorld, type World } from "./harness/world.ts";

const APPROVALS = "Pending Approvals";
const ROUNDS = 100;

let world: World;
let bridge: BridgeProcess;
let windows: readonly Workbench[];

beforeAll(async () => {
  world = await createWorld();
  bridge = await startBridgeProcess({ dataDir: world.dataDir });
  windows = await Promise.all([world.openWindow(world.repository), world.openWindow(world.worktree)]);
  await Promise.all(windows.map((window) => window.openContainer("Televibe")));
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await bridge.kill();
});

it(`has one decision in each of ${ROUNDS} rounds, and all are told the same`, async () => {
  const client = new BridgeClient(bridge.entry);
  const winners = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const approval_id = `race-${round}`;
    const data = { approval_id, scope: "deploy", action: `deploy number ${round};` };
    await client.publish([
      { event_type: "job.approval_needed", project_id: "shop", session_id: "main", job_id: `job-${round}`, data },
    ]);
    const row = new RegExp(`deploy number ${round};`);
    await Promise.all(windows.map((window) => window.row(APPROVALS, row)));

    const [left, right] = windows;
    const [, , terminal] = await Promise.all([
      clickUnlessGone(left, row, "Approve"),
      clickUnlessGone(right, row, "Deny"),
      televibe([round % 2 === 0 ? "approve" : "deny", approval_id], { dataDir: world.dataDir }),
    ]);
    const truth = await client.approval(approval_id, { waitSeconds: 10 });
    expect(["approved", "denied"]).toContain(truth.state);
    expect((terminal.stdout.toString() + terminal.stderr).toLowerCase()).toContain(truth.state);
    expect(terminal.code === 0, "the terminal is told whether it was first").toBe(
      truth.decision?.surface === "terminal",
    );
    await Promise.all(windows.map((window) => window.noRow(APPROVALS, row)));
    const surface = truth.decision?.surface ?? "nobody";
    winners.set(surface, (winners.get(surface) ?? 0) + 1);
  }
  const decisions = await client.events({ type: ["job.approved", "job.denied"], limit: 1000, order: "asc" });
  expect(decisions).toHaveLength(ROUNDS);
  expect(new Set(decisions.map(({ job_id }) => job_id)).size).toBe(ROUNDS);
  // Without a real race the test would show nothing: no surface may have been first every time.
  await eventually("a race that was one", () => winners.size > 1);
});

/** Whoever is slower may find the row gone: that is how a window is told that another was first. */
async function clickUnlessGone(window: Workbench | undefined, row: RegExp, action: string): Promise<void> {
  if (window === undefined) throw new Error("There is no such window");
  const clicked = window.clickRowAction(APPROVALS, row, action);
  // Left alone when the row goes first: it waits for a row of this round, which no other round has, and gives up.
  clicked.catch(() => undefined);
  await Promise.race([clicked, window.noRow(APPROVALS, row)]);
}
