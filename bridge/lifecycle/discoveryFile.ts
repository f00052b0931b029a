/** Owns the discovery file on the bridge's side: written whole once it serves, removed by nobody but its writer. */
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { readDiscoveryFile } from "../../shared/client/findBridge.ts";
import type { DiscoveryEntry } from "../../shared/protocol/discovery.ts";

/** Writes the entry. To be called after listening, since whoever reads it connects. */
export async function writeDiscoveryFile(file: string, entry: DiscoveryEntry): Promise<void> {
  await writeSecretFile(file, `${JSON.stringify(entry, null, 2)}\n`);
}

/** Removes the file if this instance wrote it. */
export async function removeDiscoveryFile(file: string, instanceId: string): Promise<void> {
  const entry = await readDiscoveryFile(file);
  if (entry?.instance_id === instanceId) await rm(file, { force: true });
}

/** Writes a file that only this user can read; others see the old one or the new one, never half of it. */
export async function writeSecretFile(file: string, content: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  // One left behind may have other permissions, which opening it would keep.
  await rm(temporary, { force: true });
  const handle = await open(temporary, "wx", 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
    await rename(temporary, file);
  } catch (error) {
    // On a full disk each try would leave one more.
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  await syncFolder(dirname(file));
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders, and keeps renames by itself.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
