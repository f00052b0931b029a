/** What a command under `televibe run` finds at its output: the plain pipe that a shell would give it. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { startBridgeProcess, startTelevibe, TELEVIBE, televibe, temporaryFolder } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";

describe("a command's output", () => {
  it("can be opened by its name, as scripts do to write to standard error", async () => {
    await using folder = await temporaryFolder();
    await using _bridge = await startBridgeProcess({ dataDir: join(folder.path, "data") });
    const script = "echo out > /dev/stdout && echo err > /dev/stderr && echo both | tee /dev/stderr";
    const run = await televibe(["run", "--", "sh", "-c", script], {
      dataDir: join(folder.path, "data"),
      cwd: folder.path,
    });
    expect(run).toMatchObject({ code: 0, stderr: "err\nboth\n" });
    expect(run.stdout.toString()).toBe("out\nboth\n");
  });

  it("ends the command by SIGPIPE when nobody reads it any more, as without us", async () => {
    await using folder = await temporaryFolder();
    const dataDir = join(folder.path, "data");
    await using bridge = await startBridgeProcess({ dataDir });
    const child = spawn(process.execPath, [TELEVIBE, "run", "--", "yes"], {
      cwd: folder.path,
      env: { ...process.env, TELEVIBE_DATA_DIR: dataDir },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said = text(child.stderr);
    await once(child.stdout, "data");
    child.stdout.destroy();
    const [code] = await once(child, "exit");
    // Node ignores SIGPIPE, so that it cannot end by it: a shell's number for it is what is left.
    expect(code).toBe(141);
    expect(await said, "nothing of `yes` about a network").toBe("");
    const job = await eventually("the job's end", async () =>
      (await new BridgeClient(bridge.entry).state()).state.jobs.find(({ ended_at }) => ended_at !== null),
    );
    expect(job).toMatchObject({ state: "failed", signal: "SIGPIPE" });
  });

  it("leaves nothing in the folder of temporary files", async () => {
    await using folder = await temporaryFolder();
    const dataDir = join(folder.path, "data");
    await using _bridge = await startBridgeProcess({ dataDir });
    const env = { TMPDIR: folder.path };
    const run = await televibe(["run", "--", "ls", folder.path], { dataDir, cwd: folder.path, env });
    expect(run.stdout.toString()).toBe("data\n");
  });
});

describe("a command that is canceled", () => {
  it("takes what it has started along", async () => {
    await using folder = await temporaryFolder();
    const dataDir = join(folder.path, "data");
    await using bridge = await startBridgeProcess({ dataDir });
    const client = new BridgeClient(bridge.entry);
    // The shell would end at once, and leave the one behind that does the work.
    const script = "sh -c 'echo $$ > worker; exec sleep 300'; echo never";
    const run = startTelevibe(["run", "--", "sh", "-c", script], { dataDir, cwd: folder.path });
    const worker = await eventually(
      "the worker",
      async () => (await readFile(join(folder.path, "worker"), "utf8").catch(() => "")).trim() || undefined,
    );
    const job = await eventually("the job", async () => (await client.state()).state.jobs[0]);
    await eventually("somebody to cancel it", () =>
      client.cancel(job.job_id, "not needed").then(
        () => true,
        () => false,
      ),
    );
    expect((await run.result).stdout.toString()).toBe("");
    // One that nobody has asked for yet how it ended has ended, too.
    await eventually("the worker's end", () =>
      promisify(execFile)("ps", ["-o", "stat=", "-p", worker]).then(
        ({ stdout }) => stdout.trim().startsWith("Z"),
        () => true,
      ),
    );
  });
});
