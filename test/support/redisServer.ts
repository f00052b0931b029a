/** Runs a real redis-server for a test, on a port and in a folder of its own, with its append-only file on. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { createClient } from "@redis/client";
import { temporaryFolder, testEnvironment } from "./bridgeProcess.ts";
import { eventually } from "./eventually.ts";

export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and with what it had on disk. */
  restart(): Promise<void>;
  /** Kills it and removes all that it had. */
  wipe(): Promise<void>;
  /** Stops it without ending it: connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
}

export async function startRedisServer(): Promise<RedisServer> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server = await start(folder.path, port, url);
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, "exit");
    server.kill("SIGKILL");
    await exited;
  };
  return {
    url,
    port,
    kill,
    restart: async () => {
      server = await start(folder.path, port, url);
    },
    wipe: async () => {
      await kill();
      await rm(join(folder.path, "appendonlydir"), { recursive: true, force: true });
    },
    freeze: () => server.kill("SIGSTOP"),
    thaw: () => server.kill("SIGCONT"),
    [Symbol.asyncDispose]: async () => {
      await kill();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function start(folder: string, port: number, url: string): Promise<ChildProcess> {
  const files = ["--dir", folder, "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""];
  const server = spawn("redis-server", ["--bind", "127.0.0.1", "--port", String(port), ...files], {
    env: testEnvironment(),
    stdio: "ignore",
  });
  await eventually("redis-server to answer", async () => {
    if (server.exitCode !== null) throw new Error(`redis-server ended with ${server.exitCode}`);
    return answers(url);
  });
  return server;
}

async function answers(url: string): Promise<boolean> {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  // Until it listens every try is refused, which is what is being waited out.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === "PONG";
  } catch {
    return false;
  } finally {
    if (client.isOpen) client.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("No port was given");
  return address.port;
}
