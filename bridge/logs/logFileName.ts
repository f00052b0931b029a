/** Owns the names of log files: no job's id becomes a path as it is. */
import { createHash } from "node:crypto";
import { isPlainName } from "./plainName.ts";

/** A file name without its ending: the id where it is harmless (a UUID is), else `~` and its hash. */
export function logFileName(jobId: string): string {
  return isPlainName(jobId) ? jobId : `~${createHash("sha256").update(jobId).digest("hex")}`;
}
