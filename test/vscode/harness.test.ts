/** Tries the harness itself on a probe, so that a red test of ours can be read as a fault of ours. */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { temporaryFolder } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";
import { type CodeServer, startCodeServer } from "./harness/codeServer.ts";
import { PROBE_LINES, PROBE_SLOWNESS_MS, packageProbe } from "./harness/probeExtension.ts";
import { launchBrowser, Workbench } from "./harness/workbench.ts";

const LINES = Array.from({ length: PROBE_LINES }, (_, line) => `line ${line}`);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: CodeServer;
let browser: Browser;

beforeAll(async () => {
  folder = await temporaryFolder();
  const extensions = [await packageProbe(folder.path, "asking"), await packageProbe(folder.path, "slow")];
  server = await startCodeServer({ root: folder.path, extensions, env: {} });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

it("reads what VS Code shows, clicks there, and reads output channels whole", async () => {
  const workbench = await openWindow("workspace");
  await workbench.openContainer("Probe");
  await workbench.row("Things", /^first/, 60_000);
  const row = (label: string) => ({ label, description: "thing", aria: `${label}, a thing`, level: 1 });
  expect(await workbench.rows("Things")).toEqual([
    { text: "firstthing", ...row("first") },
    { text: "secondthing", ...row("second") },
  ]);
  // They are drawn by themselves, each when its turn comes.
  await eventually("the badge", async () => (await workbench.badge("Probe")) === "2");
  await eventually("the status bar item", async () => (await workbench.statusBar()).includes("Probe stands by"));
  await workbench.clickRowAction("Things", /^second/, "Poke");
  await workbench.notification(/Poked second/);

  await workbench.runCommand("Probe: Ask");
  expect(await workbench.notification(/Shall it/)).toEqual({ text: "Shall it?", buttons: ["Yes", "No"] });
  await workbench.clickNotificationButton(/Shall it/, "Yes");
  const output = await eventually("the answer in the channel", async () => {
    const text = (await server.outputFiles()).get("Probe");
    return text?.includes("answered") ? text : undefined;
  });
  expect(output.trimEnd().split("\n")).toEqual([...LINES, "answered Yes"]);
  expect((await workbench.outputText("Probe")).trimEnd().split("\n")).toEqual([...LINES, "answered Yes"]);

  const results = resolve(import.meta.dirname, "../../.cache/test-results");
  await mkdir(results, { recursive: true });
  await workbench.screenshot(join(results, "harness.png"));
  await workbench.close();
});

it("tells windows apart, and what a channel shows from what was ever written to it", async () => {
  const [left, right] = [await openWindow("left"), await openWindow("right")];
  for (const window of [left, right]) {
    await window.runCommand("Probe: Ask");
    await window.clickNotificationButton(/Shall it/, "No");
  }
  await left.runCommand("Probe: Start Over");
  await eventually("a cleared channel", async () => (await left.outputText("Probe")).trim() === "fresh");
  expect((await right.outputText("Probe")).trimEnd().split("\n")).toEqual([...LINES, "answered No"]);
  await Promise.all([left.close(), right.close()]);
});

it("reads VS Code's own figures of activation", async () => {
  const workbench = await openWindow("measured");
  const times = (await workbench.activationTimes("televibe-test.slow", "televibe-test.probe")).get(
    "televibe-test.slow",
  );
  // What VS Code calls the end of activation leaves out what came before it.
  expect(times?.codeLoadingMs).toBeGreaterThanOrEqual(PROBE_SLOWNESS_MS);
  expect(times?.activateCallMs).toBeGreaterThanOrEqual(PROBE_SLOWNESS_MS);
  expect(times?.activateResolvedMs).toBeGreaterThanOrEqual(PROBE_SLOWNESS_MS);
  const total = (await workbench.activationTimesMs()).get("televibe-test.slow");
  expect(total).toBeGreaterThanOrEqual(3 * PROBE_SLOWNESS_MS);
});

async function openWindow(name: string): Promise<Workbench> {
  const workspace = join(folder.path, name);
  await mkdir(workspace);
  return Workbench.open(browser, server.url, workspace);
}
