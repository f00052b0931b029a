/** Having a bridge: `ensureBridge` and `findBridge` of the client, against real processes with the bridge's own lifecycle. */
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paths } from "../../../shared/client/dataPaths.ts";
import { findBridge, readDiscoveryFile } from "../../../shared/client/findBridge.ts";
import { isAlive } from "../../../shared/client/isAlive.ts";
import { BridgeStartError, ensureBridge } from "../../../shared/client/startBridge.ts";
import { eventually } from "../../support/eventually.ts";
import { mostHolders, openWorkshop, type Workshop } from "./miniBridgeProcess.ts";

let workshop: Workshop;
const background = new Set<number>();

beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(async () => {
  for (const pid of background) process.kill(pid, "SIGKILL");
  await workshop[Symbol.asyncDispose]();
});

async function ensure(dataDir: string) {
  const launch = { command: process.execPath, args: [workshop.program] };
  const result = await ensureBridge({ dataDir, launch });
  background.add(result.entry.pid);
  return result;
}

/** Ends a bridge that is no child of ours any more; resolves once nothing of it is found. */
async function end(pid: number, signal: NodeJS.Signals, dataDir: string): Promise<void> {
  background.delete(pid);
  process.kill(pid, signal);
  // A process that is being killed answers no more before it is gone.
  while (isAlive(pid) || (await findBridge(dataDir)) !== undefined) await new Promise(setImmediate);
}

describe("having a bridge", () => {
  it("starts one in the background, then finds it", async () => {
    const dataDir = await workshop.dataDir();
    expect(await findBridge(dataDir)).toBeUndefined();
    const first = await ensure(dataDir);
    expect(first).toMatchObject({ started: true, entry: { data_dir: dataDir } });
    expect(await ensure(dataDir)).toEqual({ started: false, entry: first.entry });
    expect(await findBridge(dataDir)).toEqual(first.entry);
    expect(await readFile(paths(dataDir).bridgeLog, "utf8")).toBe("is ready\n");
    await end(first.entry.pid, "SIGTERM", dataDir);
  });

  it("comes to one bridge when two windows and a terminal ask at once, 10 times over", async () => {
    for (let round = 0; round < 10; round += 1) {
      const dataDir = await workshop.dataDir();
      const [a, b, c] = await Promise.all([ensure(dataDir), ensure(dataDir), ensure(dataDir)]);
      expect(b.entry).toEqual(a.entry);
      expect(c.entry).toEqual(a.entry);
      expect([a, b, c].filter(({ started }) => started)).toHaveLength(1);
      await end(a.entry.pid, "SIGTERM", dataDir);
      expect(await mostHolders(dataDir)).toBe(1);
    }
  }, 60_000);

  it("starts another after kill -9, with the same token", async () => {
    const dataDir = await workshop.dataDir();
    const first = await ensure(dataDir);
    await end(first.entry.pid, "SIGKILL", dataDir);
    const second = await ensure(dataDir);
    expect(second.started).toBe(true);
    expect(second.entry.instance_id).not.toBe(first.entry.instance_id);
    expect(second.entry.token).toBe(first.entry.token);
    await end(second.entry.pid, "SIGTERM", dataDir);
  });

  it("follows one that is just stopping", async () => {
    const dataDir = await workshop.dataDir();
    const first = await ensure(dataDir);
    background.delete(first.entry.pid);
    process.kill(first.entry.pid, "SIGSTOP");
    // It holds the lock, and nobody finds it.
    await writeFile(paths(dataDir).discoveryFile, "");
    const second = ensure(dataDir);
    process.kill(first.entry.pid, "SIGCONT");
    process.kill(first.entry.pid, "SIGTERM");
    expect((await second).started).toBe(true);
    await end((await second).entry.pid, "SIGTERM", dataDir);
    expect(await mostHolders(dataDir)).toBe(1);
  }, 15_000);

  it("quotes the log of one that crashes", async () => {
    const dataDir = await workshop.dataDir();
    await writeFile(paths(dataDir).bridgeLog, "from another day\n");
    const launch = { command: process.execPath, args: [workshop.program, "crash"] };
    const error = await ensureBridge({ dataDir, launch }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BridgeStartError);
    expect(error).toMatchObject({
      code: "bridge_start_failed",
      message: expect.stringMatching(/it ended at once \(1\)[\s\S]*a crash on purpose/),
      logTail: expect.not.stringContaining("from another day"),
    });
  });

  it("says so when there is nothing to run", async () => {
    const dataDir = await workshop.dataDir();
    const launch = { command: "/nonexistent/node", args: [] };
    await expect(ensureBridge({ dataDir, launch })).rejects.toThrow(/\/nonexistent\/node cannot be run/);
  });

  it("waits longer for one that says how far it is", async () => {
    const dataDir = await workshop.dataDir();
    const script = `
      let told = 0;
      const telling = setInterval(() => {
        console.log("reading", ++told);
        if (told < 8) return;
        clearInterval(telling);
        require(${JSON.stringify(workshop.program)});
      }, 250);`;
    const launch = { command: process.execPath, args: ["-e", script] };
    const { entry, started } = await ensureBridge({ dataDir, launch, timeoutMs: 1500 });
    expect(started).toBe(true);
    process.kill(entry.pid, "SIGKILL");
  });

  it("waits no longer than it is told, nor after it is told to stop", async () => {
    const dataDir = await workshop.dataDir();
    // Records its process id where the test finds it, and never serves.
    const script = "require('node:fs').writeFileSync('hanging', String(process.pid)); setInterval(() => {}, 1000)";
    const launch = { command: process.execPath, args: ["-e", script] };
    await expect(ensureBridge({ dataDir, launch, timeoutMs: 300 })).rejects.toThrow("did not answer within 0.3 s");
    // On a busy machine it has not even begun to run by then.
    const pid = await eventually("the process to begin", () =>
      readFile(`${dataDir}/hanging`, "utf8").catch(() => undefined),
    );
    process.kill(Number(pid), "SIGKILL");
    const window = new AbortController();
    const ensured = ensureBridge({
      dataDir,
      launch: { command: process.execPath, args: ["-e", "setTimeout(() => {}, 300)"] },
      signal: window.signal,
    });
    window.abort(new Error("the window was closed"));
    await expect(ensured).rejects.toThrow("the window was closed");
  });

  it("passes the environment on that the launch asks for", async () => {
    const dataDir = await workshop.dataDir();
    const script =
      "console.log(process.env.ELECTRON_RUN_AS_NODE, process.env.TELEVIBE_DATA_DIR, process.cwd()); process.exit(9)";
    const launch = { command: process.execPath, args: ["-e", script], env: { ELECTRON_RUN_AS_NODE: "1" } };
    const error = await ensureBridge({ dataDir, launch }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ logTail: `1 ${dataDir} ${dataDir}` });
  });
});

describe("finding a bridge", () => {
  it.each([
    { name: "is not there", content: undefined },
    { name: "is half written", content: '{"schema":1,' },
    { name: "is of a later schema", content: '{"schema":2}' },
  ])("finds none when the discovery file $name", async ({ content }) => {
    const dataDir = await workshop.dataDir();
    if (content !== undefined) await writeFile(paths(dataDir).discoveryFile, content);
    expect(await findBridge(dataDir)).toBeUndefined();
  });

  it("shows the token to nobody who took a dead bridge's port", async () => {
    const dataDir = await workshop.dataDir();
    const { entry } = await ensure(dataDir);
    await end(entry.pid, "SIGKILL", dataDir);
    const heard: unknown[] = [];
    const stranger = createServer((request, response) => {
      heard.push(request.headers.authorization);
      response.end(JSON.stringify({ instance_id: entry.instance_id }));
    });
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    await writeFile(paths(dataDir).discoveryFile, JSON.stringify({ ...entry, url }));
    expect(await findBridge(dataDir)).toBeUndefined();
    expect(heard).toEqual([]);
    await new Promise((resolve) => stranger.close(resolve));
  });

  it("finds one whose process id means nothing here, by its socket", async () => {
    const dataDir = await workshop.dataDir();
    const { entry } = await ensure(dataDir);
    const elsewhere = { ...entry, pid: 2 ** 22 + 1 };
    await writeFile(paths(dataDir).discoveryFile, JSON.stringify(elsewhere));
    expect(await findBridge(dataDir)).toEqual(elsewhere);
    await writeFile(paths(dataDir).discoveryFile, JSON.stringify(entry));
    await end(entry.pid, "SIGTERM", dataDir);
  });

  it("finds none where another instance answers, or one with another token", async () => {
    const dataDir = await workshop.dataDir();
    const { entry } = await ensure(dataDir);
    for (const changes of [{ instance_id: "other" }, { token: "other" }]) {
      await writeFile(paths(dataDir).discoveryFile, JSON.stringify({ ...entry, ...changes }));
      expect(await findBridge(dataDir)).toBeUndefined();
    }
    expect((await readDiscoveryFile(paths(dataDir).discoveryFile))?.token).toBe("other");
    background.delete(entry.pid);
    process.kill(entry.pid, "SIGKILL");
  });
});
