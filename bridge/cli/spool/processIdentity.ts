/** Owns telling whether a process that left its id somewhere is still the one that has it. */
import { readFileSync } from "node:fs";

/** When a process began, in the system's own words, so that a later one with the same id can be told apart; null where it does not say. */
export function processStart(pid: number): string | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in parentheses, may hold spaces and parentheses of its own; the start is the 20th field behind it.
    const start = fields.slice(fields.lastIndexOf(")") + 2).split(" ")[19];
    return start === undefined ? null : `${bootId()} ${start}`;
  } catch {
    // No such process, or a system without this folder: either way nothing is known.
    return null;
  }
}

/** Whether the process with this id is there and, as far as can be told, the same one. */
export function isSameProcess(pid: number, start: string | null): boolean {
  if (!isAlive(pid)) return false;
  const now = processStart(pid);
  return start === null || now === null || now === start;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process lives as well.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Starts are counted from the machine's own start. */
function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
