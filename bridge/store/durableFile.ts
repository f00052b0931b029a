/** Owns the moves that make a change of the file system survive a power cut: whole-file replacement, new folders, folder syncs. */
import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** Only their owner may read events: they hold what people and agents wrote. */
export const FILE_MODE = 0o600;
export const DIRECTORY_MODE = 0o700;

/** Replaces a file: readers, and a start after a crash, see the old bytes or the new ones, never a mixture. */
export async function replaceFile(directory: string, path: string, bytes: string | Uint8Array): Promise<void> {
  // A name that nobody can have put a link at, and that no other writer has.
  const temporary = `${path}.${randomUUID()}.tmp`;
  const file = await open(temporary, "wx", FILE_MODE);
  try {
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(directory);
}

/** Removes what `replaceFile` left in a folder whose writer was killed. For whoever alone writes there. */
export async function removeHalfWritten(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.endsWith(".tmp")) await rm(join(directory, name));
  }
}

/** Makes a folder, and those above it that are missing, so that none of their names can be lost with all that is in them. */
export async function makeDirectory(directory: string): Promise<void> {
  const path = resolve(directory);
  const made = await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
  // Its own name in any case: a start before this one may have been killed between the making and the sync.
  const topmost = made === undefined ? path : resolve(made);
  for (let each = path; each.length >= topmost.length; each = dirname(each)) await syncDirectory(dirname(each));
}

/** Makes new, renamed and removed names in a folder durable; without it a synced file can be nameless after a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  // Windows cannot open a folder for this, and journals its names by itself.
  if (process.platform === "win32") return;
  const handle: FileHandle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
