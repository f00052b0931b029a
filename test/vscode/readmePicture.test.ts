/** Plays the scene of the README's picture in a real VS Code and takes it; `npm run screenshot` makes it the README's. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { type BridgeProcess, startBridgeProcess } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";
import { createWorld, RESULTS, type World } from "./harness/world.ts";
import { differingPixels } from "./picture/compareImages.ts";
import { toIndexedPng } from "./picture/indexedPng.ts";
import { ASKED_COMMAND, ASKED_EDIT, ASKING_JOB, askForThePush, FOLLOWED_JOB, setTheScene } from "./picture/scene.ts";

const APPROVALS = "Pending Approvals";
const SESSIONS = "Sessions";
/** Where the parts of the window meet, so that nothing that matters is cut off. */
const SIDE_BAR_RIGHT = 470;
const APPROVALS_BOTTOM = 150;
const PANEL_TOP = 541;

/** Room for what there is to read. */
const SETTINGS = { "editor.minimap.enabled": false, "editor.fontSize": 13 };

/** A README is read over slow lines too. */
const MAX_BYTES = 150_000;
/** Of a million. */
const MAX_DIFFERING_PIXELS = 100;

let world: World;
let bridge: BridgeProcess;

beforeAll(async () => {
  world = await createWorld({ settings: SETTINGS });
  bridge = await startBridgeProcess({ dataDir: world.dataDir });
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await bridge.kill();
});

it("shows agents at work, what they ask and what they did", async () => {
  const client = new BridgeClient(bridge.entry);
  const workbench = await world.openWindow(world.repository);
  await workbench.openContainer("Televibe");
  await eventually("the extension to be connected", async () =>
    (await workbench.statusBar()).some((text) => /Televibe/.test(text) && /connected/i.test(text)),
  );
  await setTheScene(client);

  await workbench.notification(literal(ASKED_EDIT));
  await workbench.clickNotificationButton(literal(ASKED_EDIT), "More…");
  await workbench.pick("Show");
  await eventually("the diff in an editor", async () => /card\.balance/.test(await workbench.editorText()));
  await workbench.expandRow(SESSIONS, literal(ASKING_JOB));
  await workbench.clickRow(SESSIONS, literal(FOLLOWED_JOB));
  await workbench.expandRow(SESSIONS, literal(FOLLOWED_JOB));
  await workbench.row(SESSIONS, /cart\.ts · .*\+14 -9/);
  await eventually("the log in the panel", async () => /npm test -- cart/.test(await workbench.panelText()));
  await workbench.dragSideBarEdge(SIDE_BAR_RIGHT);
  await workbench.dragViewEdge(APPROVALS, APPROVALS_BOTTOM);
  await workbench.dragPanelEdge(PANEL_TOP);
  await workbench.parkMouse();

  await askForThePush(client);
  const toast = await workbench.notification(literal(ASKED_COMMAND));
  expect(toast.buttons).toEqual(["Approve", "Deny", "More…"]);
  // All that shows a question shows it, each when its turn comes.
  for (const view of [APPROVALS, SESSIONS]) await workbench.row(view, /git push.*denied in \d:\d\d/);
  await eventually("the badge", async () => (await workbench.badge("Televibe")) === "2");
  await eventually("the status bar item", async () =>
    (await workbench.statusBar()).some((text) => text.includes("2 approvals are waiting")),
  );

  // The notification glides in: it is taken where it comes to rest.
  const taken = await workbench.page.screenshot({ animations: "disabled" });
  const picture = toIndexedPng(taken);
  await writeFile(join(RESULTS, "readme.png"), picture);
  expect(picture.length).toBeLessThan(MAX_BYTES);
  const page = await workbench.page.context().newPage();
  expect(await differingPixels(page, taken, picture)).toBeLessThan(MAX_DIFFERING_PIXELS);
});

function literal(text: string): RegExp {
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
}
