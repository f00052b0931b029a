/** Owns starting a bridge from a hook that does not wait for it. Loaded only then. */
import { join } from "node:path";
import { BRIDGE_LOG } from "../../shared/client/dataNames.ts";
import { launchDetached, ownLaunch, prepareLog } from "../../shared/client/launchBridge.ts";

/** Should others start one as well, one of them all becomes the bridge and the rest end. */
export function startInBackground(dataDir: string, script: string): void {
  const place = { root: dataDir, bridgeLog: join(dataDir, BRIDGE_LOG) };
  prepareLog(place);
  // A runtime that is gone from its place is no bridge, and nothing that the agent could help.
  launchDetached(place, ownLaunch(script)).on("error", () => undefined);
}
