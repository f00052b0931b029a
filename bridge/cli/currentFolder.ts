/** Owns where a command is run, for a folder that was removed under its shell as well. */
import { homedir } from "node:os";

/**
 * The folder that this process is in. A shell whose folder is gone goes on, and so does what it starts: `git checkout` or a
 * cleaned build removes folders under terminals all the time. Then it is where the shell says that it was.
 */
export function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return process.env["PWD"] || homedir();
  }
}
