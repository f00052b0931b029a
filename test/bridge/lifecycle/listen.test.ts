import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { removeDiscoveryFile, writeDiscoveryFile } from "../../../bridge/lifecycle/discoveryFile.ts";
import { isLoopback, listen, PortError } from "../../../bridge/lifecycle/listen.ts";
import { bridgeToken, WeakTokenError } from "../../../bridge/lifecycle/token.ts";
import { readDiscoveryFile } from "../../../shared/client/findBridge.ts";
import { sendRequest } from "../../../shared/client/sendRequest.ts";

let folder: string;
let socketPath: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tv-"));
  socketPath = join(folder, "bridge.sock");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const answer = (server: Server) => server.on("request", (_request, response) => response.end("hello"));
const mode = async (file: string) => (await stat(file)).mode & 0o777;

describe("the bridge's doors", () => {
  it("lets in by the socket and by TCP, until they are closed", async () => {
    const listening = await listen({ socketPath, host: "127.0.0.1", port: 0, attach: answer });
    expect(listening.warnings).toEqual([]);
    expect(await mode(socketPath)).toBe(0o600);
    for (const socket of [socketPath, null]) {
      const response = await sendRequest({ socket, url: listening.url, token: "t" }, { method: "GET", path: "/" });
      expect(response.statusCode).toBe(200);
      response.resume();
    }
    await listening.close();
    expect(await readdir(folder)).toEqual([]);
    const address = { socket: socketPath, url: listening.url, token: "t" };
    await expect(sendRequest(address, { method: "GET", path: "/" })).rejects.toThrow(/ENOENT.*ECONNREFUSED/);
  });

  it("takes the place of a socket that a killed bridge left", async () => {
    await writeFile(socketPath, "left behind");
    await using listening = await listen({ socketPath, host: "127.0.0.1", port: 0, attach: answer });
    const response = await sendRequest(
      { socket: socketPath, url: listening.url, token: "t" },
      { method: "GET", path: "/" },
    );
    expect(response.statusCode).toBe(200);
    response.resume();
  });

  it("says so when the port is taken, and opens no other door then", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    const failing = listen({ socketPath, host: "127.0.0.1", port, attach: answer });
    await expect(failing).rejects.toBeInstanceOf(PortError);
    await expect(failing).rejects.toThrow(/something else listens there/);
    expect(existsSync(socketPath)).toBe(false);
    await new Promise((resolve) => other.close(resolve));
  });

  it("warns when others on the network can come in, and gives an address that works from here", async () => {
    await using listening = await listen({ socketPath, host: "0.0.0.0", port: 0, attach: answer });
    expect(listening.warnings).toEqual([expect.stringContaining("0.0.0.0")]);
    expect(listening.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it.each([
    { host: "127.0.0.1", loopback: true },
    { host: "127.8.9.1", loopback: true },
    { host: "localhost", loopback: true },
    { host: "::1", loopback: true },
    { host: "0.0.0.0", loopback: false },
    { host: "::", loopback: false },
    { host: "192.168.1.2", loopback: false },
    { host: "127.0.0.1.example.com", loopback: false },
    { host: "bridge.example.com", loopback: false },
  ])("knows whether $host is loopback: $loopback", ({ host, loopback }) => {
    expect(isLoopback(host)).toBe(loopback);
  });
});

describe("the discovery file", () => {
  const entry = (instance_id: string) => ({
    schema: 1 as const,
    instance_id,
    pid: 1,
    version: "0.1.0",
    protocol: 1,
    socket: null,
    url: "http://127.0.0.1:1",
    token: "secret",
    started_at: "2026-11-23T09:00:00.000Z",
    data_dir: "/data",
  });

  it("is the user's alone, is read back, and is removed by its writer only", async () => {
    const file = join(folder, "bridge.json");
    await writeFile(file, "an old one that all can read", { mode: 0o644 });
    await writeDiscoveryFile(file, entry("one"));
    expect(await mode(file)).toBe(0o600);
    expect(await readDiscoveryFile(file)).toEqual(entry("one"));
    expect(await readdir(folder)).toEqual(["bridge.json"]);
    await writeDiscoveryFile(file, entry("two"));
    await removeDiscoveryFile(file, "one");
    expect(existsSync(file)).toBe(true);
    await removeDiscoveryFile(file, "two");
    expect(existsSync(file)).toBe(false);
    await removeDiscoveryFile(file, "two");
  });
});

describe("the bridge's token", () => {
  it("is made once for a data directory, and is the user's alone", async () => {
    const file = join(folder, "token");
    const token = await bridgeToken(file);
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await mode(file)).toBe(0o600);
    expect(await bridgeToken(file, "")).toBe(token);
  });

  it.each([
    { name: "that others could read", content: `${"a".repeat(43)}\n`, permissions: 0o644 },
    { name: "that is too short", content: "short\n", permissions: 0o600 },
    { name: "that is empty", content: "", permissions: 0o600 },
    { name: "that cannot stand in a header", content: `${"a".repeat(30)}\r\nX: y\n`, permissions: 0o600 },
  ])("replaces one $name", async ({ content, permissions }) => {
    const file = join(folder, "token");
    await writeFile(file, content, { mode: permissions });
    const token = await bridgeToken(file);
    expect(token).not.toBe(content.trim());
    expect(await readFile(file, "utf8")).toBe(`${token}\n`);
    expect(await mode(file)).toBe(0o600);
  });

  it("can be given, and is not kept then", async () => {
    const file = join(folder, "token");
    expect(await bridgeToken(file, "given-by-the-user-0123456789")).toBe("given-by-the-user-0123456789");
    expect(existsSync(file)).toBe(false);
    await expect(bridgeToken(file, "guess")).rejects.toBeInstanceOf(WeakTokenError);
  });
});
