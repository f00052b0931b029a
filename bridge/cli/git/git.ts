/** Owns asking git: read-only, without its locks, and never for long. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const TIMEOUT_MS = 2000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

export interface GitOptions {
  /** A repository too large to answer in this time gives a job without its facts, not a job that waits. */
  readonly timeoutMs?: number;
  /** Exit codes, other than 0, that are an answer as well. */
  readonly acceptedCodes?: readonly number[];
}

/** What git printed; undefined when it is not there, this is no repository, or it failed or took too long. */
export async function git(
  cwd: string,
  args: readonly string[],
  { timeoutMs = TIMEOUT_MS, acceptedCodes = [] }: GitOptions = {},
): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("git", [...args], {
      cwd,
      encoding: "utf8",
      timeout: timeoutMs,
      maxBuffer: MAX_OUTPUT_BYTES,
      // A `status` that refreshes the index would take the lock that the job's own git needs.
      env: { ...process.env, GIT_OPTIONAL_LOCKS: "0" },
    });
    return stdout;
  } catch (error) {
    if (isExit(error) && acceptedCodes.includes(error.code)) return error.stdout;
    return undefined;
  }
}

function isExit(error: unknown): error is { code: number; stdout: string } {
  return error instanceof Error && "code" in error && typeof error.code === "number" && "stdout" in error;
}
