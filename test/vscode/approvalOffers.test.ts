/** What an agent asks, in a real VS Code: judged by its diff, answered for more than the one question, while the time runs. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { type BridgeProcess, startBridgeProcess } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";
import type { Workbench } from "./harness/workbench.ts";
import { createWorld, RESULTS, type World } from "./harness/world.ts";

const APPROVALS = "Pending Approvals";
const SESSIONS = "Sessions";
const DIFF = "--- a/cart.js\n+++ b/cart.js\n@@ -1 +1 @@\n-export const total = 0;\n+export const total = 1;\n";
const ALWAYS = 'allow Edit "cart.js" in shop';

let world: World;
let bridge: BridgeProcess;
let client: BridgeClient;
let workbench: Workbench;

beforeAll(async () => {
  world = await createWorld();
  bridge = await startBridgeProcess({ dataDir: world.dataDir });
  client = new BridgeClient(bridge.entry);
  workbench = await world.openWindow(world.repository);
  await workbench.openContainer("Televibe");
  await eventually("the extension to be connected", async () =>
    (await workbench.statusBar()).some((text) => /Televibe/.test(text) && /connected/i.test(text)),
  );
  await client.publish([
    event("session.created", { name: "Fix the cart", agent: "claude", workspace: world.repository }),
    event("job.started", { instruction: "Set the total right", agent: "claude", workspace: world.repository }),
  ]);
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await bridge.kill();
});

function event(event_type: string, data: object) {
  return { event_type, project_id: "shop", session_id: "claude-1", job_id: "claude-turn-1", data: { ...data } };
}

async function ask(approval_id: string, data: object = {}): Promise<void> {
  const context = { agent: "claude", tool: "Edit", path: approval_id, cwd: world.repository, diff: DIFF };
  await client.publish([
    event("job.approval_needed", {
      approval_id,
      scope: "edit",
      action: `Edit ${approval_id}`,
      context,
      ...data,
    }),
  ]);
}

it("approves always from the notification, once the rule was shown", async () => {
  await ask("cart.js");
  const toast = await workbench.notification(/asks: Edit cart\.js/);
  expect(toast.buttons).toEqual(["Approve", "Deny", "More…"]);
  await workbench.clickNotificationButton(/Edit cart\.js/, "More…");
  expect((await workbench.picks()).map(({ label }) => label)).toEqual([
    "Approve",
    "Approve for this session",
    "Always allow…",
    "Deny",
    "Deny with a reason…",
    "Show",
  ]);
  await workbench.screenshot(join(RESULTS, "approval-offers.png"));
  await workbench.pick("Always allow");
  expect(await workbench.dialogText()).toContain(ALWAYS);
  await workbench.screenshot(join(RESULTS, "approval-confirm.png"));
  expect((await client.approval("cart.js")).state).toBe("pending");
  await workbench.clickDialogButton("Always Allow");
  const approval = await client.approval("cart.js", { waitSeconds: 10 });
  expect(approval).toMatchObject({ state: "approved", decision: { surface: "vscode", remember: "always" } });
  await workbench.noRow(APPROVALS, /cart\.js/);
});

it("approves for the session from a row", async () => {
  await ask("tax.js");
  await workbench.row(APPROVALS, /tax\.js/);
  await workbench.clickRowAction(APPROVALS, /tax\.js/, "Approve for");
  await workbench.pick("Approve for this session");
  const approval = await client.approval("tax.js", { waitSeconds: 10 });
  expect(approval.decision?.remember).toBe("session");
});

it("shows the diff, counts down to what happens then, and hands a reason back", async () => {
  await ask("sum.js", { expires_at: new Date(Date.now() + 58_000).toISOString() });
  const first = await workbench.row(APPROVALS, /sum\.js.*denied in 0:\d\d/);
  const later = await workbench.row(APPROVALS, /sum\.js.*denied in 0:[0-4]\d/);
  expect(first.description).not.toBe(later.description);
  expect(later.aria).toMatch(/denied in less than a minute/);
  expect((await workbench.statusBar()).join("\n")).toMatch(/1 approval is waiting/);

  await workbench.notification(/Edit sum\.js/);
  await workbench.clickNotificationButton(/Edit sum\.js/, "More…");
  await workbench.pick("Show");
  await eventually("the diff in an editor", async () => /total = 1/.test(await workbench.editorText()));
  expect(await workbench.tabs()).toContain("Edit sum.js.diff");
  expect(await workbench.editorText()).toMatch(/^# Asked by: Claude Code\n# Where: shop \/ Fix the cart\n/);
  expect((await workbench.row(SESSIONS, /Fix the cart/)).description).toMatch(/waiting · Claude Code/);

  await workbench.screenshot(join(RESULTS, "approval-diff.png"));

  await workbench.runCommand("Televibe: Deny");
  await workbench.pick("Edit sum.js");
  await workbench.answerInput("Reason", "Not on a Friday");
  const approval = await client.approval("sum.js", { waitSeconds: 10 });
  expect(approval).toMatchObject({ state: "denied", decision: { reason: "Not on a Friday" } });
  await eventually("the answer in the document", async () => /Answer: Denied by/.test(await workbench.editorText()));
});

it("opens the rules, which say what was chosen here, and decide by them", async () => {
  await workbench.runCommand("Televibe: Edit Rules");
  await eventually("the rules in an editor", async () => /approves or denies/.test(await workbench.editorText()));
  const rules = await readFile(join(world.dataDir, "rules.json"), "utf8");
  expect(rules).toContain('"path": "cart.js", "project": "shop"');
  expect(rules).toContain('"path": "tax.js", "project": "shop", "session": "claude-1"');
  await workbench.screenshot(join(RESULTS, "rules.png"));
  await ask("again", { context: { agent: "claude", tool: "Edit", path: "cart.js", cwd: world.repository } });
  expect(await client.approval("again")).toMatchObject({ state: "approved", decision: { surface: "rule" } });
});
