import { existsSync } from "node:fs";
import { chmod, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BridgeAlreadyRunningError } from "../../../bridge/lifecycle/bridgeAlreadyRunningError.ts";
import { acquireBridgeLock } from "../../../bridge/lifecycle/bridgeLock.ts";
import { paths } from "../../../shared/client/dataPaths.ts";
import { findBridge } from "../../../shared/client/findBridge.ts";
import { EXIT_ALREADY_RUNNING } from "../../../shared/client/startBridge.ts";
import { mostHolders, openWorkshop, type Workshop } from "./miniBridgeProcess.ts";

const ROUNDS = 20;
let workshop: Workshop;

beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

describe("the bridge's lock", () => {
  it(`has one holder of two that start in the same moment, ${ROUNDS} times over`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const dataDir = await workshop.dataDir();
      const both = [workshop.start(dataDir), workshop.start(dataDir)];
      const outcomes = await Promise.all(both.map(({ outcome }) => outcome));
      expect(outcomes.sort(), `round ${round}`).toEqual([EXIT_ALREADY_RUNNING, "ready"]);
      await Promise.all(both.map(({ end }) => end("SIGKILL")));
    }
  }, 60_000);

  it("has one holder of six that all find what a killed one left behind", async () => {
    const dataDir = await workshop.dataDir();
    for (let round = 0; round < 5; round += 1) {
      const all = Array.from({ length: 6 }, () => workshop.start(dataDir));
      const outcomes = await Promise.all(all.map(({ outcome }) => outcome));
      expect(
        outcomes.filter((outcome) => outcome === "ready"),
        `round ${round}`,
      ).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === EXIT_ALREADY_RUNNING)).toHaveLength(5);
      expect(await findBridge(dataDir), "the one that holds it serves").toBeDefined();
      await Promise.all(all.map(({ end }) => end("SIGKILL")));
    }
  }, 60_000);

  it("is free again after kill -9, and the next one is the only one", async () => {
    const dataDir = await workshop.dataDir();
    const first = workshop.start(dataDir);
    expect(await first.outcome).toBe("ready");
    await first.end("SIGKILL");
    expect(existsSync(paths(dataDir).socketPath), "a killed bridge leaves its socket behind").toBe(true);
    expect(await findBridge(dataDir)).toBeUndefined();

    const second = workshop.start(dataDir);
    expect(await second.outcome).toBe("ready");
    expect((await findBridge(dataDir))?.pid).toBe(second.process.pid);
    const claims = (await readdir(dataDir)).filter((name) => name.startsWith("lock."));
    expect(claims).toHaveLength(1);
    await second.end("SIGTERM");
  });

  it("leaves nothing behind after a stop", async () => {
    const dataDir = await workshop.dataDir();
    const bridge = workshop.start(dataDir);
    expect(await bridge.outcome).toBe("ready");
    await bridge.end("SIGTERM");
    expect((await readdir(dataDir)).sort()).toEqual(["holders", "token"]);
    expect(await mostHolders(dataDir)).toBe(1);
  });

  it("is handed over from one that stops to one that waits for it, never to two", async () => {
    const dataDir = await workshop.dataDir();
    for (let round = 0; round < 5; round += 1) {
      const old = workshop.start(dataDir);
      expect(await old.outcome).toBe("ready");
      const [next] = await Promise.all([workshop.start(dataDir), old.end("SIGTERM")]);
      await next.outcome;
      await next.end("SIGTERM");
    }
    expect(await mostHolders(dataDir)).toBe(1);
  }, 30_000);

  it("says who has it", async () => {
    const dataDir = await workshop.dataDir();
    const bridge = workshop.start(dataDir);
    await bridge.outcome;
    const error = await acquireBridgeLock(paths(dataDir)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BridgeAlreadyRunningError);
    expect(error).toMatchObject({ entry: { pid: bridge.process.pid }, message: expect.stringContaining(dataDir) });
    await bridge.end("SIGTERM");
  });

  it("respects one that lives and does not answer", async () => {
    const dataDir = await workshop.dataDir();
    const bridge = workshop.start(dataDir);
    await bridge.outcome;
    bridge.process.kill("SIGSTOP");
    await expect(acquireBridgeLock(paths(dataDir))).rejects.toBeInstanceOf(BridgeAlreadyRunningError);
    await bridge.end("SIGKILL");
    await using _lock = await acquireBridgeLock(paths(dataDir));
  }, 15_000);

  it("can be had again by the same process after its release", async () => {
    const dataDir = await workshop.dataDir();
    for (let round = 0; round < 3; round += 1) {
      const lock = await acquireBridgeLock(paths(dataDir));
      await expect(acquireBridgeLock(paths(dataDir))).rejects.toBeInstanceOf(BridgeAlreadyRunningError);
      await lock.release();
    }
  });

  it("passes over what is no claim, and clears away what was never finished", async () => {
    const dataDir = await workshop.dataDir();
    await writeFile(join(dataDir, "lock.notes"), "mine");
    await writeFile(join(dataDir, "born.abcdef"), "");
    await utimes(join(dataDir, "born.abcdef"), 0, 0);
    await writeFile(join(dataDir, "born.fedcba"), "");
    await using _lock = await acquireBridgeLock(paths(dataDir));
    const names = await readdir(dataDir);
    expect(names).toContain("lock.notes");
    expect(names).not.toContain("born.abcdef");
    expect(names).toContain("born.fedcba");
  });

  it("waits for another that claims as well: gets the lock when that one goes, yields when it holds", async () => {
    const dataDir = await workshop.dataDir();
    // Names decide who waits: this one comes after every other, so it has to yield.
    const greatest = join(dataDir, "lock.ffffff");
    let state = "claiming";
    let asked: () => void = () => undefined;
    const wasAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const other = createServer((socket) => {
      socket.end(state);
      asked();
    }).listen(greatest);
    const acquired = acquireBridgeLock(paths(dataDir));
    await wasAsked;
    await new Promise((resolve) => other.close(resolve));
    await using _lock = await acquired;

    const second = await workshop.dataDir();
    const holder = createServer((socket) => socket.end(state)).listen(join(second, "lock.000000"));
    const refused = acquireBridgeLock(paths(second));
    state = "holding";
    await expect(refused).rejects.toBeInstanceOf(BridgeAlreadyRunningError);
    await new Promise((resolve) => holder.close(resolve));
  });

  it("keeps its folder and sockets to the user", async () => {
    const dataDir = await workshop.dataDir();
    await chmod(dataDir, 0o755);
    await using _lock = await acquireBridgeLock(paths(dataDir));
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    const [claim = ""] = (await readdir(dataDir)).filter((name) => name.startsWith("lock."));
    expect((await stat(join(dataDir, claim))).mode & 0o777).toBe(0o600);
  });

  it("works where the data directory's path is too long for a socket", async () => {
    const dataDir = join(await workshop.dataDir(), "long".repeat(25));
    const bridge = workshop.start(dataDir);
    expect(await bridge.outcome).toBe("ready");
    await expect(acquireBridgeLock(paths(dataDir))).rejects.toBeInstanceOf(BridgeAlreadyRunningError);
    const entry = JSON.parse(await readFile(paths(dataDir).discoveryFile, "utf8"));
    expect(entry.socket).toBe(paths(dataDir).socketPath);
    expect((await findBridge(dataDir))?.pid).toBe(bridge.process.pid);
    await bridge.end("SIGTERM");
    expect(existsSync(entry.socket)).toBe(false);
  });
});
