import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isBridgeAway } from "../../../extension/bridge/bridgeAway.ts";
import { BridgeConnection, NoBridgeError } from "../../../extension/bridge/connection.ts";
import type { ConnectionStatus } from "../../../shared/client/connectionStatus.ts";
import { temporaryFolder } from "../../support/bridgeProcess.ts";

/** What stands for the bridge here only leaves a mark that it was started. */
async function connectionIn(folder: string, mayStart: boolean) {
  const script = join(folder, "start.mjs");
  await writeFile(script, `console.error("started"); process.exit(7);`);
  const launch = { command: process.execPath, args: [script] };
  return new BridgeConnection({ dataDir: () => folder, mayStart: () => mayStart, launch, onGivenUp: () => undefined });
}

const signal = new AbortController().signal;

describe("a window without a bridge", () => {
  it("starts one", async () => {
    await using folder = await temporaryFolder();
    const connection = await connectionIn(folder.path, true);
    await expect(connection.connect(signal)).rejects.toThrow(/did not start.*ended at once \(7\).*started/s);
  });

  it("says that there is none where it may not start one, and how to", async () => {
    await using folder = await temporaryFolder();
    const connection = await connectionIn(folder.path, false);
    await expect(connection.connect(signal)).rejects.toThrow(NoBridgeError);
    await expect(connection.connect(signal)).rejects.toThrow(/Televibe: Start Bridge/);
  });

  it("starts one after all when a person asks for it", async () => {
    await using folder = await temporaryFolder();
    const connection = await connectionIn(folder.path, false);
    connection.allowStart();
    await expect(connection.connect(signal)).rejects.toThrow(/ended at once/);
  });

  it("starts none to read a log", async () => {
    await using folder = await temporaryFolder();
    const connection = await connectionIn(folder.path, true);
    await expect(connection.find(signal)).rejects.toThrow(NoBridgeError);
  });
});

describe("whether the bridge counts as away", () => {
  const lost = (attempt: number): ConnectionStatus => ({ state: "reconnecting", since: "", attempt, reason: "" });
  it.each<{ name: string; status: ConnectionStatus; isAway: boolean }>([
    { name: "at the start", status: { state: "connecting" }, isAway: false },
    { name: "between a stop and a start", status: { state: "stopped" }, isAway: false },
    { name: "just lost", status: lost(0), isAway: false },
    { name: "after a try that failed", status: lost(1), isAway: true },
  ])("$name: $isAway", ({ status, isAway }) => {
    expect(isBridgeAway(status)).toBe(isAway);
  });
});
