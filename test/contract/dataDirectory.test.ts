/** What a bridge does when somebody takes its files away under it. */
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startBridgeProcess, temporaryFolder } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";

describe("a data directory", () => {
  it("that is removed ends its bridge, which has nowhere to keep anything any more", async () => {
    await using folder = await temporaryFolder();
    const dataDir = join(folder.path, "d");
    await using bridge = await startBridgeProcess({ dataDir });
    // The bridge may write meanwhile.
    await rm(dataDir, { recursive: true, maxRetries: 5 });
    await eventually("the bridge's end", () => bridge.process.exitCode !== null || undefined, 20_000);
    expect(bridge.output()).toContain(`The data directory ${dataDir} is gone: the bridge stops`);
    expect(existsSync(dataDir), "made again by nobody").toBe(false);
  });

  it("that loses only the discovery file gets it again, so that the bridge is found", async () => {
    await using folder = await temporaryFolder();
    await using bridge = await startBridgeProcess({ dataDir: folder.path });
    const file = join(folder.path, "bridge.json");
    const written = await readFile(file, "utf8");
    await rm(file);
    await eventually("the discovery file", () => existsSync(file) || undefined, 20_000);
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual(JSON.parse(written));
    expect(await bridge.stop()).toBe(0);
    expect(existsSync(file)).toBe(false);
  });
});
