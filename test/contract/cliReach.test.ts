/** Which bridge a command asks, which of two sessions of one name it means, and how it follows where it cannot draw. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { startBridgeProcess, startTelevibe, televibe, temporaryFolder } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";

describe("--data-dir", () => {
  it("is taken before the command as well as behind it", async () => {
    await using folder = await temporaryFolder();
    await using elsewhere = await temporaryFolder();
    await using _bridge = await startBridgeProcess({ dataDir: folder.path });
    const at = { dataDir: elsewhere.path, cwd: elsewhere.path };
    expect((await televibe(["status"], at)).code).toBe(3);
    expect((await televibe(["--data-dir", folder.path, "status"], at)).code).toBe(0);
    expect((await televibe(["status", "--data-dir", folder.path], at)).code).toBe(0);
    // The nearer one counts.
    expect((await televibe(["--data-dir", elsewhere.path, "status", "--data-dir", folder.path], at)).code).toBe(0);
  });
});

describe("sessions --follow into a file", () => {
  it("prints each change once", async () => {
    await using folder = await temporaryFolder();
    await using bridge = await startBridgeProcess({ dataDir: folder.path });
    const client = new BridgeClient(bridge.entry);
    const at = { project_id: "shop", session_id: "main", job_id: "j1" };
    await client.publish([{ ...at, event_type: "job.started", data: { instruction: "Build it" } }]);
    const following = startTelevibe(["sessions", "--follow"], { dataDir: folder.path, cwd: folder.path });
    let printed = "";
    following.process.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
    await eventually("the picture", () => printed.includes("▶ Build it  running"));
    await client.publish([{ ...at, event_type: "job.completed", data: { duration_seconds: 3 } }]);
    await eventually("the change", () => printed.includes("✓ Build it  completed · 3.0s"));
    following.process.kill("SIGINT");
    expect((await following.result).code).toBe(0);
    expect(printed.match(/^shop$/gm)).toHaveLength(1);
    expect(printed.match(/Build it/g)).toHaveLength(2);
    expect(printed).not.toContain("\u001b");
  });
});

describe("tail", () => {
  it("means this folder's project where several have a session of that name", async () => {
    await using folder = await temporaryFolder();
    const dataDir = join(folder.path, "data");
    await using bridge = await startBridgeProcess({ dataDir });
    const client = new BridgeClient(bridge.entry);
    for (const project_id of ["shop", "newer"]) {
      const job_id = `${project_id}-1`;
      await client.publish([
        { project_id, session_id: "main", job_id, event_type: "job.started", data: { instruction: "Build it" } },
      ]);
      await client.appendLog(job_id, Buffer.from(`of ${project_id}\n`), 0);
    }
    // Outside of a repository a project is called as its folder.
    await mkdir(join(folder.path, "shop"));
    const tail = async (cwd: string) => (await televibe(["tail", "main"], { dataDir, cwd })).stdout.toString();
    expect(await tail(join(folder.path, "shop"))).toBe("of shop\n");
    expect(await tail(folder.path)).toBe("of newer\n");
  });
});
