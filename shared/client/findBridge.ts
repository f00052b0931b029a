/** Owns finding the bridge that runs, through the discovery file that it leaves in the data directory. */
import { readFile } from "node:fs/promises";
import { type DiscoveryEntry, parseDiscoveryEntry } from "../protocol/discovery.ts";
import { BridgeClient } from "./bridgeClient.ts";
import { BridgeUnreachableError } from "./bridgeUnreachableError.ts";
import { paths } from "./dataPaths.ts";
import { isAlive } from "./isAlive.ts";

/** How long a bridge may take to say who it is. */
const ANSWER_TIMEOUT_MS = 5_000;

/**
 * The bridge of a data directory, if there is one and it answers.
 *
 * What answers decides, not the process id alone: another container or subsystem that shares the directory counts its
 * processes apart. An id that is dead here only means that its TCP port may be somebody else's by now, who must not be
 * sent the token; the socket in our own directory may be asked all the same.
 */
export async function findBridge(dataDir: string, signal?: AbortSignal): Promise<DiscoveryEntry | undefined> {
  signal?.throwIfAborted();
  const entry = await readDiscoveryFile(paths(dataDir).discoveryFile);
  if (entry === undefined) return undefined;
  if (!isAlive(entry.pid) && entry.socket === null) return undefined;
  const reachable = isAlive(entry.pid) ? entry : { ...entry, url: UNREACHABLE_URL };
  try {
    const health = await new BridgeClient(reachable).health(signal, ANSWER_TIMEOUT_MS);
    return health.instance_id === entry.instance_id ? entry : undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** Port 0 takes no connection. */
const UNREACHABLE_URL = "http://127.0.0.1:0";

/** Reads a discovery entry; undefined when there is none that is valid. */
export async function readDiscoveryFile(file: string): Promise<DiscoveryEntry | undefined> {
  try {
    return parseDiscoveryEntry(await readFile(file, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Not there, or not the bridge that wrote the entry: it does not know the entry's token. */
function isRefusal(error: unknown): boolean {
  if (error instanceof BridgeUnreachableError) return true;
  return error instanceof Error && "code" in error && error.code === "unauthorized";
}
