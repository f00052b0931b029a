/** Owns names in the data directory that are read by what must load next to nothing; `dataPaths.ts` has all of them. */

/** The discovery entry of the bridge that runs. */
export const DISCOVERY_FILE = "bridge.json";

/** What bridges in the background print. */
export const BRIDGE_LOG = "bridge.log";

/** What agents' hooks leave for the bridge. */
export const HOOK_SPOOL_FOLDER = "spool/hooks";
