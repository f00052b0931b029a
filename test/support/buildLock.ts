/**
 * Owns that one process of this machine builds a thing at a time. The lock is a socket that is bound in Linux's abstract
 * name space: the kernel lets go of it when its holder dies, so it is held by a living process or by nobody.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/**
 * Waits for the lock of a name, runs, and lets go of it. `onWaiting` is called once, if somebody else holds it.
 * Network name spaces do not see each other's locks: what is built has to be put in place atomically all the same.
 */
export async function withBuildLock<T>(name: string, run: () => Promise<T>, onWaiting: () => void): Promise<T> {
  const address = `\0televibe-test-${createHash("sha256").update(name).digest("hex").slice(0, 32)}`;
  let release = await tryBind(address);
  if (release === undefined) onWaiting();
  while (release === undefined) {
    await holderGone(address);
    release = await tryBind(address);
  }
  try {
    return await run();
  } finally {
    await release();
  }
}

async function tryBind(address: string): Promise<(() => Promise<void>) | undefined> {
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket);
    // Someone who waits may be killed as well.
    socket.on("error", () => waiting.delete(socket)).on("close", () => waiting.delete(socket));
  });
  try {
    server.listen(address);
    await once(server, "listening");
  } catch (error) {
    if (isCode(error, "EADDRINUSE")) return undefined;
    throw error;
  }
  return async () => {
    server.close();
    for (const socket of waiting) socket.destroy();
    await once(server, "close");
  };
}

/** The holder keeps whoever asks connected for as long as it holds the lock. */
async function holderGone(address: string): Promise<void> {
  const socket = connect(address);
  // Gone already, or in this moment: either way there is something to try for.
  socket.on("error", () => socket.destroy());
  socket.resume();
  await new Promise((resolve) => socket.once("close", resolve));
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
