/** Owns finding the processes that a command has started: one that is canceled takes them along. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
}

const LIST_TIMEOUT_MS = 2000;

/** A process's children, their children and so on. What has left its parent on purpose, as daemons do, is not among them. */
export function descendantsOf(pid: number, processes: readonly ProcessEntry[]): readonly number[] {
  const found = [pid];
  // Grows as it is walked over.
  for (const parent of found) {
    for (const entry of processes) {
      if (entry.parent === parent && !found.includes(entry.pid)) found.push(entry.pid);
    }
  }
  return found.slice(1);
}

/** All processes of the machine that can be seen; none where the system does not tell. */
export function listProcesses(): readonly ProcessEntry[] {
  try {
    if (process.platform === "win32") return [];
    return process.platform === "linux" ? fromProc() : parseList(listWithPs());
  } catch {
    // Then only the command itself can be ended.
    return [];
  }
}

/** Reads lines of two numbers: a process and its parent. */
export function parseList(text: string): readonly ProcessEntry[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s*$/.exec(line);
    return match === null ? [] : [{ pid: Number(match[1]), parent: Number(match[2]) }];
  });
}

function listWithPs(): string {
  return execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8", timeout: LIST_TIMEOUT_MS });
}

/** `ps` is missing in many containers. */
function fromProc(): readonly ProcessEntry[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const parent = parentOf(name);
    return parent === undefined ? [] : [{ pid: Number(name), parent }];
  });
}

function parentOf(pid: string): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Behind the name, in parentheses, which may hold any character: the state, then the parent.
    return Number(fields.slice(fields.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    // It has ended in the meantime.
    return undefined;
  }
}
