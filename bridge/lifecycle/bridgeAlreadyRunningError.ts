/** Owns the error of a bridge that finds another one at work in its data directory. */
import type { DiscoveryEntry } from "../../shared/protocol/discovery.ts";

export class BridgeAlreadyRunningError extends Error {
  readonly code = "bridge_already_running";
  /** The one that runs; undefined while it is still starting, or does not say. */
  readonly entry: DiscoveryEntry | undefined;

  constructor(dataDir: string, entry: DiscoveryEntry | undefined) {
    const which = entry === undefined ? "" : ` (process ${entry.pid}, ${entry.url}, since ${entry.started_at})`;
    super(`A bridge runs already${which} with the data directory ${dataDir}. Use that one, or stop it first`);
    this.name = "BridgeAlreadyRunningError";
    this.entry = entry;
  }
}
