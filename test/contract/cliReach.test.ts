/** Which bridge a command asks, which of two sessions of one name it means, and how it follows where it cannot draw. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { startBridgeProcess, startTelevibe, TELEVIBE, televibe, temporaryFolder } from "../support/bridgeProcess.ts";
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

  it("shows a log by its job's whole id without a bridge, and starts none", async () => {
    await using folder = await temporaryFolder();
    const dataDir = folder.path;
    const bridge = await startBridgeProcess({ dataDir });
    const lines = Array.from({ length: 30_000 }, (_, index) => `line ${index}`);
    const client = new BridgeClient(bridge.entry);
    await client.appendLog("build-1", Buffer.from(`${lines.join("\n")}\n\u001b[31mred\u001b[0m 10%\r20%\n`), 0);
    await bridge.stop();

    const at = { dataDir, cwd: dataDir };
    expect((await televibe(["tail", "build-1", "-n", "2"], at)).stdout.toString()).toBe("line 29999\n20%\n");
    expect((await televibe(["tail", "--lines", "1", "--data-dir", dataDir, "build-1"], at)).stdout.toString()).toBe(
      "20%\n",
    );
    const wrong = await televibe(["tail", "build-1", "-n", "none"], at);
    expect(wrong.stderr).toContain('"none" is no count');
    // More than a pipe holds, and nobody to read it: no error, as of `tail` itself.
    const script = '"$0" "$1" tail build-1 -n 10000 --data-dir "$2" | head -n 1; exit $PIPESTATUS';
    const piped = await promisify(execFile)("bash", ["-c", script, process.execPath, TELEVIBE, dataDir]);
    expect(piped).toEqual({ stdout: "line 20001\n", stderr: "" });
    expect(existsSync(join(dataDir, "bridge.json"))).toBe(false);
  });
});
