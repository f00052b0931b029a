/** Owns looking at which processes of Televibe run on this machine. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { TELEVIBE } from "../../support/bridgeProcess.ts";

/** The ids of all processes that run the command's bundle, whoever started them. */
export async function televibeProcesses(): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)("ps", ["-eo", "pid=,args="], { maxBuffer: 16 * 1024 * 1024 });
  return stdout.split("\n").flatMap((line) => {
    const [, pid, command] = /^ *(\d+) (.*)$/.exec(line) ?? [];
    return command?.includes(TELEVIBE) ? [Number(pid)] : [];
  });
}
