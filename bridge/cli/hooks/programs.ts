/** Owns finding programs: those that agents are started with, and the Node that their hooks are to run. */
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, realpath } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** `--version` of an agent loads all of it. */
const VERSION_TIMEOUT_MS = 5000;

/** The first program of this name on the path. */
export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const endings = process.platform === "win32" ? [".exe", ".cmd"] : [""];
  for (const folder of (env["PATH"] ?? "").split(delimiter).filter((each) => each !== "")) {
    for (const ending of endings) {
      const file = join(folder, name + ending);
      if (await isProgram(file)) return file;
    }
  }
  return undefined;
}

export async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us: both are no program.
    return false;
  }
}

/** What a program says that it is; undefined where it says nothing in time. */
export async function versionOf(program: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, ["--version"], {
      timeout: VERSION_TIMEOUT_MS,
      // A shell starts what Windows cannot start by itself.
      shell: process.platform === "win32",
    });
    return /\d+\.\d+[\w.-]*/.exec(stdout)?.[0];
  } catch {
    // It does not run here: as good as none.
    return undefined;
  }
}

/**
 * The Node that runs this, by the name that will stay: package managers keep each version in a folder of its own, and remove it
 * with the next one.
 */
export async function lastingRuntime(execPath: string, env: NodeJS.ProcessEnv): Promise<string> {
  const named = await findOnPath("node", env);
  return named !== undefined && (await realpath(named)) === (await realpath(execPath)) ? named : execPath;
}
