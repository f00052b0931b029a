/** Owns where Televibe keeps its things. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The environment variable that moves the data directory. */
export const DATA_DIRECTORY_VARIABLE = "TELEVIBE_DATA_DIR";

/** The data directory: what the user said, else what the environment says, else `~/.televibe`. Absolute. */
export function dataDirectory(env: NodeJS.ProcessEnv, override?: string): string {
  const chosen = override || env[DATA_DIRECTORY_VARIABLE];
  return chosen ? resolve(chosen) : join(homedir(), ".televibe");
}
