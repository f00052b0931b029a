/** Tries the harness itself on a probe, so that a red test of ours can be read as a fault of ours. */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { temporaryFolder } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";
import { type CodeServer, startCodeServer } from "./harness/codeServer.ts";
import { PROBE_LINES, packageProbe } from "./harness/probeExtension.ts";
import { launchBrowser, Workbench } from "./harness/workbench.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: CodeServer;
let browser: Browser;

beforeAll(async () => {
  folder = await temporaryFolder();
  const extensions = [await packageProbe(folder.path, "asking")];
  server = await startCodeServer({ root: folder.path, extensions, env: {} });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

it("reads trees, runs commands, answers notifications and reads whole output channels", async () => {
  const workspace = join(folder.path, "workspace");
  await mkdir(workspace);
  const workbench = await Workbench.open(browser, server.url, workspace);
  await workbench.openContainer("Probe");
  await workbench.row("Things", /^first/, 60_000);
  expect((await workbench.rows("Things")).map(({ text }) => text)).toEqual(["firstthing", "secondthing"]);

  await workbench.runCommand("Probe: Ask");
  expect(await workbench.notification(/Shall it/)).toEqual({ text: "Shall it?", buttons: ["Yes", "No"] });
  await workbench.clickNotificationButton(/Shall it/, "Yes");
  const output = await eventually("the answer in the channel", async () => {
    const text = (await server.outputFiles()).get("Probe");
    return text?.includes("answered") ? text : undefined;
  });
  const lines = Array.from({ length: PROBE_LINES }, (_, line) => `line ${line}`);
  expect(output.trimEnd().split("\n")).toEqual([...lines, "answered Yes"]);

  const activation = await workbench.activationTimesMs();
  expect(activation.get("televibe-test.probe")).toBeGreaterThanOrEqual(0);
  const results = resolve(import.meta.dirname, "../../.cache/test-results");
  await mkdir(results, { recursive: true });
  await workbench.screenshot(join(results, "harness.png"));
});
