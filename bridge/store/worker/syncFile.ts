/** Owns durable file changes on the worker's own thread, where waiting blocks nobody. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { FILE_MODE } from "../durableFile.ts";

/** Writes to a temporary name, syncs, renames, syncs the folder. */
export function replaceFileSync(path: string, pieces: readonly Uint8Array[]): void {
  const temporary = `${path}.tmp`;
  try {
    const file = openSync(temporary, "w", FILE_MODE);
    try {
      for (const piece of pieces) writeFileSync(file, piece);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    removeHalfWritten(temporary);
    throw error;
  }
  syncDirectorySync(dirname(path));
}

/** On a full disk a half-written file would take what room there is. Why it was not finished matters more than why it stays. */
function removeHalfWritten(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The next start removes it.
  }
}

export function syncDirectorySync(directory: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(directory, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
