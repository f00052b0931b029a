/**
 * A process of its own that takes the lock, listens and writes its discovery entry, as the bridge does, and nothing else.
 * It counts who was there with it: `holders` gets a line at each start and each end.
 */
import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { BridgeAlreadyRunningError } from "../../../bridge/lifecycle/bridgeAlreadyRunningError.ts";
import { acquireBridgeLock } from "../../../bridge/lifecycle/bridgeLock.ts";
import { removeDiscoveryFile, writeDiscoveryFile } from "../../../bridge/lifecycle/discoveryFile.ts";
import { listen } from "../../../bridge/lifecycle/listen.ts";
import { bridgeToken } from "../../../bridge/lifecycle/token.ts";
import { dataDirectory } from "../../../shared/client/dataDirectory.ts";
import { paths } from "../../../shared/client/dataPaths.ts";
import { EXIT_ALREADY_RUNNING } from "../../../shared/client/startBridge.ts";

const files = paths(dataDirectory(process.env));
const holders = join(files.root, "holders");

async function main(): Promise<void> {
  if (process.argv[2] === "crash") throw new Error("a crash on purpose");
  if (process.argv[2] === "hang") {
    setInterval(() => undefined, 1_000);
    return;
  }
  const lock = await acquireBridgeLock(files);
  appendFileSync(holders, `start ${process.pid}\n`);
  const instance_id = randomUUID();
  const token = await bridgeToken(files.token);
  const listening = await listen({
    socketPath: files.socketPath,
    host: "127.0.0.1",
    port: 0,
    attach: (server) =>
      server.on("request", (request, response) => {
        const isAllowed = request.headers.authorization === `Bearer ${token}`;
        const answer = isAllowed ? { instance_id } : { code: "unauthorized", detail: "wrong token" };
        response.writeHead(isAllowed ? 200 : 401).end(JSON.stringify(answer));
      }),
  });
  await writeDiscoveryFile(files.discoveryFile, {
    schema: 1,
    instance_id,
    pid: process.pid,
    version: "0.1.0",
    protocol: 1,
    socket: listening.socketPath,
    url: listening.url,
    token,
    started_at: new Date().toISOString(),
    data_dir: files.root,
  });
  process.on("SIGTERM", async () => {
    await removeDiscoveryFile(files.discoveryFile, instance_id);
    await listening.close();
    appendFileSync(holders, `end ${process.pid}\n`);
    await lock.release();
    process.exit(0);
  });
  process.stdout.write("is ready\n");
}

main().catch((error: unknown) => {
  if (error instanceof BridgeAlreadyRunningError) process.exit(EXIT_ALREADY_RUNNING);
  console.error(error);
  process.exit(1);
});
