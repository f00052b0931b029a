/** Owns starting a bridge's process in the background, for whoever waits for it and for whoever does not. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, renameSync, statSync } from "node:fs";
import { DATA_DIRECTORY_VARIABLE } from "./dataDirectory.ts";
import type { DataPaths } from "./dataPaths.ts";

/**
 * What the runtime is told when it runs a bridge, before the script's name. A young generation of 4 MB instead of 16 (V8's
 * default) costs a bridge no speed that can be measured and spares 25 MB for as long as it lives.
 */
export const BRIDGE_RUNTIME_FLAGS = ["--max-semi-space-size=4"] as const;

/** A log that has grown beyond this when a bridge starts is set aside, and the one before it dropped. */
const MAX_LOG_BYTES = 5 * 1024 * 1024;

export interface BridgeLaunch {
  /** The runtime itself, not a script that starts it: its process id tells which bridge is this one. */
  readonly command: string;
  /** All of them, such as `[".../televibe.js", "bridge", "--background"]`. */
  readonly args: readonly string[];
  /** On top of this process's own environment, such as `ELECTRON_RUN_AS_NODE` for VS Code's runtime. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How the bundle `script` runs a bridge in the background, with the runtime that runs this process. */
export function ownLaunch(script: string): BridgeLaunch {
  return {
    command: process.execPath,
    args: [...BRIDGE_RUNTIME_FLAGS, script, "bridge", "--background"],
    // Inside of Electron the runtime is an editor, unless it is told not to be one.
    ...(process.versions["electron"] === undefined ? {} : { env: { ELECTRON_RUN_AS_NODE: "1" } }),
  };
}

type LaunchPaths = Pick<DataPaths, "root" | "bridgeLog">;

/** Makes room for the log; answers its size, where the next start's part begins. */
export function prepareLog({ root, bridgeLog }: LaunchPaths): number {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const size = statSync(bridgeLog, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= MAX_LOG_BYTES) return size;
  renameSync(bridgeLog, `${bridgeLog}.1`);
  return 0;
}

/**
 * Starts the process so that it outlives this one and holds no folder of a workspace. It may not be there yet: `spawn` or
 * `error` says so.
 */
export function launchDetached({ root, bridgeLog }: LaunchPaths, { command, args, env }: BridgeLaunch): ChildProcess {
  const log = openSync(bridgeLog, "a", 0o600);
  try {
    const child = spawn(command, args, {
      cwd: root,
      detached: true,
      windowsHide: true,
      stdio: ["ignore", log, log],
      env: { ...process.env, ...env, [DATA_DIRECTORY_VARIABLE]: root },
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}
