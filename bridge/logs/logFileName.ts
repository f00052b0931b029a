/** Owns the names of log files: no job's id becomes a path as it is. */
import { createHash } from "node:crypto";

/** Ids that make the same file name on every file system, also on those that fold case. */
const PLAIN = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** Whether a file name, without its ending, is the job's id itself. */
export function isPlainName(name: string): boolean {
  return PLAIN.test(name);
}

/** A file name without its ending: the id where it is harmless (a UUID is), else `~` and its hash. */
export function logFileName(jobId: string): string {
  return PLAIN.test(jobId) ? jobId : `~${createHash("sha256").update(jobId).digest("hex")}`;
}
