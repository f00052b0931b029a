/** Owns which folder a project's relative paths begin at: the git worktree that a job works in, else the folder itself. */
import { lstat } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * The nearest folder, from `cwd` upwards, that has a `.git`. A home folder and what is above it are no project, even where somebody keeps
 * their settings in a repository there: `**` would be all that they have.
 */
export async function projectFolder(cwd: string, home: string): Promise<string> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (isWithin(home, folder)) return cwd;
    if (await exists(join(folder, ".git"))) return folder;
    if (dirname(folder) === folder) return cwd;
  }
}

/** Whether a path is a folder, or in it, by their names alone. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    // Not there, or not for us to see: either way it makes no project.
    return false;
  }
}
