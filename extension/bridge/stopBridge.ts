/** Owns ending the bridge that runs, so that another can take its place. Its jobs go on without it. */
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { findBridge } from "../../shared/client/findBridge.ts";

const LOOK_INTERVAL_MS = 100;
/** A bridge writes down what it was given before it goes. */
const STOP_TIMEOUT_MS = 15_000;

/** The bridge cannot be ended from here, or takes too long about it. */
export class BridgeStopError extends Error {
  readonly code = "bridge_stop_failed";

  constructor(reason: string) {
    super(`The bridge was not stopped: ${reason}`);
    this.name = "BridgeStopError";
  }
}

/**
 * Resolves when no bridge answers any more; at once where none did.
 *
 * @throws BridgeStopError when it is not this system's process, or does not end in time.
 */
export async function stopBridge(dataDir: string, timeoutMs = STOP_TIMEOUT_MS): Promise<void> {
  const entry = await findBridge(dataDir);
  if (entry === undefined) return;
  const { pid } = entry;
  if (!(await isBridgeProcess(pid))) {
    throw new BridgeStopError(`process ${pid} is not here; it may run in a container that shares ${dataDir}`);
  }
  process.kill(pid, "SIGTERM");
  const deadline = AbortSignal.timeout(timeoutMs);
  while ((await findBridge(dataDir))?.instance_id === entry.instance_id) {
    if (deadline.aborted) throw new BridgeStopError(`process ${pid} still answers after ${timeoutMs / 1000} s`);
    await delay(LOOK_INTERVAL_MS);
  }
}

/** A container that shares the data directory counts its processes apart: the same id may be anything here. */
async function isBridgeProcess(pid: number): Promise<boolean> {
  if (process.platform !== "linux") return true;
  try {
    return (await readFile(`/proc/${pid}/cmdline`, "utf8")).includes("televibe");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
