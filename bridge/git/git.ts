/** Owns asking git: read-only, without its locks, and never for long. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const TIMEOUT_MS = 2000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

export type GitSettings = readonly (readonly [name: string, value: string])[];

export interface GitOptions {
  /** A repository too large to answer in this time gives a job without its facts, not a job that waits. */
  readonly timeoutMs?: number;
  /** Exit codes, other than 0, that are an answer as well. */
  readonly acceptedCodes?: readonly number[];
  /** In place of what any configuration says; git knows them from version 2.31 on. */
  readonly settings?: GitSettings;
}

/**
 * A repository's own configuration can name programs that git then runs, and a job may have written it: looking at what a
 * job did must run none of them, nor fetch anything. Filters are named one by one: `inertConfiguration.ts`.
 */
const LOOK_ONLY = ["core.fsmonitor=false", "core.hooksPath=/dev/null", "safe.bareRepository=explicit"].flatMap(
  (setting) => ["-c", setting],
);

/** Git before version 2.45 knows only the second one. */
const FETCH_NOTHING = { GIT_NO_LAZY_FETCH: "1", GIT_ALLOW_PROTOCOL: "none" };

/** What git printed; undefined when it is not there, this is no repository, or it failed or took too long. */
export async function git(
  cwd: string,
  args: readonly string[],
  { timeoutMs = TIMEOUT_MS, acceptedCodes = [], settings = [] }: GitOptions = {},
): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("git", [...LOOK_ONLY, ...args], {
      cwd,
      encoding: "utf8",
      timeout: timeoutMs,
      maxBuffer: MAX_OUTPUT_BYTES,
      // A `status` that refreshes the index would take the lock that the job's own git needs.
      env: { ...process.env, GIT_OPTIONAL_LOCKS: "0", ...FETCH_NOTHING, ...settingsEnvironment(settings) },
    });
    return stdout;
  } catch (error) {
    if (isExit(error) && acceptedCodes.includes(error.code)) return error.stdout;
    return undefined;
  }
}

/** Behind those that are in our own environment. A name may have a `=` in it, which `-c` would cut it at. */
function settingsEnvironment(settings: GitSettings): NodeJS.ProcessEnv {
  if (settings.length === 0) return {};
  const first = Number(process.env["GIT_CONFIG_COUNT"] ?? 0);
  const entries = settings.flatMap(([name, value], index) => [
    [`GIT_CONFIG_KEY_${first + index}`, name],
    [`GIT_CONFIG_VALUE_${first + index}`, value],
  ]);
  return { ...Object.fromEntries(entries), GIT_CONFIG_COUNT: String(first + settings.length) };
}

function isExit(error: unknown): error is { code: number; stdout: string } {
  return error instanceof Error && "code" in error && typeof error.code === "number" && "stdout" in error;
}
