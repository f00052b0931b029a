/** Owns making a Unix socket at a path: it appears there whole, listening and closed to other users, or not at all. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, lstat, mkdir, rename, rm } from "node:fs/promises";
import type { Server } from "node:net";
import { dirname, join } from "node:path";

/** A name of its own beside a socket, no longer than `bridge.sock`, since socket paths have a limit. */
export function siblingName(prefix: "lock" | "born"): string {
  return `${prefix}.${randomBytes(3).toString("hex")}`;
}

/** Whether a name was made by `siblingName`. */
export function isSiblingName(prefix: "lock" | "born", name: string): boolean {
  return name.startsWith(`${prefix}.`) && /^[0-9a-f]{6}$/.test(name.slice(prefix.length + 1));
}

/**
 * Makes a server listen on a socket file. It is made under another name and moved to its own once it listens, so that
 * nobody meets a socket between its birth and its first breath, which looks just like a dead one. Whatever was at the
 * path is replaced. The server does not remove it again.
 */
export async function listenOnSocketFile(server: Server, path: string): Promise<void> {
  const newborn = join(dirname(path), siblingName("born"));
  server.listen(newborn);
  await once(server, "listening");
  try {
    await chmod(newborn, 0o600);
    await rename(newborn, path);
  } catch (error) {
    server.close();
    await rm(newborn, { force: true });
    throw error;
  }
}

/**
 * Makes a folder that is this user's alone. In a shared place such as /tmp somebody else may have been there first.
 *
 * @throws Error when it is another user's.
 */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (process.platform === "win32") return;
  const { uid, mode } = await lstat(path);
  if (uid !== process.getuid?.() && process.getuid?.() !== 0) {
    throw new Error(`${path} belongs to another user (${uid}); Televibe does not use it`);
  }
  if ((mode & 0o077) !== 0) await chmod(path, 0o700);
}
