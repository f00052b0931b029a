/** Owns the two moves that make a change of the file system survive a power cut: whole-file replacement, and folder syncs. */
import { type FileHandle, open, rename } from "node:fs/promises";

/** Only their owner may read events: they hold what people and agents wrote. */
export const FILE_MODE = 0o600;
export const DIRECTORY_MODE = 0o700;

/** Replaces a file: readers, and a start after a crash, see the old bytes or the new ones, never a mixture. */
export async function replaceFile(directory: string, path: string, bytes: string | Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, "w", FILE_MODE);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncDirectory(directory);
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
