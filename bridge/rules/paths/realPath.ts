/** Owns where a path leads to on this disk, also for one whose end is not there yet. */
import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * The path with every link in it followed; what does not exist yet stays as it is written. Undefined where that cannot be told: a link to
 * nothing (who writes there makes a file elsewhere), a circle, a folder that may not be read.
 */
export async function realPath(path: string): Promise<string | undefined> {
  const missing: string[] = [];
  for (let existing = path; ; existing = dirname(existing)) {
    try {
      return join(await realpath(existing), ...missing);
    } catch (error) {
      if (!isMissing(error) || (await isThere(existing)) || dirname(existing) === existing) return undefined;
      const name = basename(existing);
      // Behind a folder that is not there, these lead nowhere that could be known.
      if (name === "." || name === "..") return undefined;
      missing.unshift(name);
    }
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    return !isMissing(error);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
