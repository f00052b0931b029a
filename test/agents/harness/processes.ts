/** Owns finding the processes of a test, wherever they hang in the tree, by what only they have in their environment. */
import { readdir, readFile } from "node:fs/promises";

export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

/** @param assignment `NAME=value`. */
export async function processesWith(assignment: string): Promise<readonly FoundProcess[]> {
  const pids = (await readdir("/proc")).map(Number).filter(Number.isInteger);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readProcFile(pid, "environ");
      if (!environment.split("\0").includes(assignment)) return undefined;
      return { pid, command: (await readProcFile(pid, "cmdline")).replaceAll("\0", " ").trim() };
    }),
  );
  return found.filter((process) => process !== undefined);
}

/** Ends all of them at once, and those that they start meanwhile. */
export async function endProcesses(assignment: string): Promise<void> {
  for (;;) {
    const found = await processesWith(assignment);
    if (found.length === 0) return;
    for (const { pid } of found) endProcess(pid);
  }
}

export function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // Gone by itself since it was found.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Empty for a process that is gone, or that is not ours to read. */
async function readProcFile(pid: number, name: "environ" | "cmdline"): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${name}`, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && ["ENOENT", "ESRCH", "EACCES"].includes(String(error.code)))
      return "";
    throw error;
  }
}
