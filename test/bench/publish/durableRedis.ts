/** Owns a Redis that acknowledges what it has synced: Debian's `redis-server` with `appendfsync always`, on the measured disk. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { createClient } from "@redis/client";
import { eventually } from "../../support/eventually.ts";

export interface DurableRedis extends AsyncDisposable {
  readonly url: string;
}

/** @throws Error when there is no `redis-server`. */
export async function startDurableRedis(folder: string): Promise<DurableRedis> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const files = ["--dir", folder, "--appendonly", "yes", "--appendfsync", "always", "--save", ""];
  const server = spawn("redis-server", ["--bind", "127.0.0.1", "--port", String(port), ...files], { stdio: "ignore" });
  const failed = new Promise<never>((_, reject) => {
    server.once("error", (cause) => reject(new Error("redis-server could not be started", { cause })));
  });
  await Promise.race([failed, eventually("redis-server to answer", () => answers(url))]);
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      const exited = once(server, "exit");
      server.kill("SIGKILL");
      await exited;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  // Until it listens every try is refused, which is what is being waited out.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.configGet("appendfsync"))["appendfsync"] === "always";
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
