/**
 * Owns noticing that the data directory is not there any more: somebody removed it, and what a bridge then acknowledges goes
 * into files without a name, for nobody to find again.
 */
import { stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { DataPaths } from "../../shared/client/dataPaths.ts";
import { readDiscoveryFile } from "../../shared/client/findBridge.ts";
import type { DiscoveryEntry } from "../../shared/protocol/discovery.ts";
import { writeDiscoveryFile } from "./discoveryFile.ts";

const LOOK_INTERVAL_MS = 5000;

/**
 * Looks from time to time; resolves once the directory is gone, or is another bridge's, and when the signal is aborted. Where
 * only the discovery file is missing, it is written again.
 */
export async function untilHomeIsGone(
  paths: Pick<DataPaths, "discoveryFile" | "store">,
  entry: DiscoveryEntry,
  signal: AbortSignal,
  intervalMs = LOOK_INTERVAL_MS,
): Promise<void> {
  // Nothing left to wait for keeps no process alive.
  const pause = () => delay(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
  for (await pause(); !signal.aborted; await pause()) {
    if (await isGone(paths, entry, signal)) return;
  }
}

async function isGone(
  { discoveryFile, store }: Pick<DataPaths, "discoveryFile" | "store">,
  entry: DiscoveryEntry,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await stat(store);
    const found = await readDiscoveryFile(discoveryFile);
    // A bridge that stops takes it away itself.
    if (found === undefined && !signal.aborted) await writeDiscoveryFile(discoveryFile, entry);
    return found !== undefined && found.instance_id !== entry.instance_id;
  } catch (error) {
    // Anything else, such as no room for the file, passes.
    return error instanceof Error && "code" in error && error.code === "ENOENT";
  }
}
