import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BridgeStopError, stopBridge } from "../../../extension/bridge/stopBridge.ts";
import { findBridge } from "../../../shared/client/findBridge.ts";
import { ensureBridge } from "../../../shared/client/startBridge.ts";
import { openWorkshop, type Workshop } from "../../bridge/lifecycle/miniBridgeProcess.ts";

let workshop: Workshop;

beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(async () => {
  await workshop[Symbol.asyncDispose]();
});

it("resolves once no bridge answers, so that another can be started", async () => {
  const dataDir = await workshop.dataDir();
  const program = join(dataDir, "televibe.cjs");
  await copyFile(workshop.program, program);
  const launch = { command: process.execPath, args: [program] };
  const first = await ensureBridge({ dataDir, launch });
  await stopBridge(dataDir);
  expect(await findBridge(dataDir)).toBeUndefined();
  const second = await ensureBridge({ dataDir, launch });
  expect(second).toMatchObject({ started: true });
  expect(second.entry.instance_id).not.toBe(first.entry.instance_id);
  await stopBridge(dataDir);
});

it("has nothing to do where no bridge runs", async () => {
  await expect(stopBridge(await workshop.dataDir())).resolves.toBeUndefined();
});

it.runIf(process.platform === "linux")("ends no process that is not a bridge", async () => {
  const dataDir = await workshop.dataDir();
  // The program's name says nothing of Televibe: as if the id were another container's.
  const { entry } = await ensureBridge({ dataDir, launch: { command: process.execPath, args: [workshop.program] } });
  await expect(stopBridge(dataDir)).rejects.toThrow(BridgeStopError);
  expect(await findBridge(dataDir)).toEqual(entry);
  process.kill(entry.pid, "SIGTERM");
});
