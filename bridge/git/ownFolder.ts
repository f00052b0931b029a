/**
 * Owns which folder is a project's own. Allow rules name it, and any folder can hold a `.git` that says it belongs to some repository:
 * it is believed where it lies in that repository's main folder, or where the repository knows it as a worktree.
 */
import { readFile, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

export interface GitFolders {
  readonly cwd: string;
  /** The top folder of what is worked in, as its own settings have it. */
  readonly worktree: string;
  /** The main folder of the repository that it says it belongs to. */
  readonly repository: string;
  /** What all worktrees of that share, and what this one has for itself. */
  readonly commonDirectory: string;
  readonly gitDirectory: string;
}

/** The repository's main folder, for its worktrees too; else the top one of what is worked in. */
export async function ownFolder({ cwd, worktree, repository, ...git }: GitFolders): Promise<string> {
  if (await isWithin(cwd, repository)) return repository;
  const known = await knownWorktree(git);
  if (known !== undefined && (await isWithin(cwd, known))) return repository;
  return (await isWithin(cwd, worktree)) ? worktree : resolve(cwd);
}

/** The folder that the repository has written down for a worktree: in `gitdir`, as the path of its `.git`. */
async function knownWorktree({
  commonDirectory,
  gitDirectory,
}: Pick<GitFolders, "commonDirectory" | "gitDirectory">): Promise<string | undefined> {
  // Anywhere else the repository has not written it.
  if (relative(join(commonDirectory, "worktrees"), dirname(gitDirectory)) !== "") return undefined;
  try {
    return dirname(resolve(gitDirectory, (await readFile(join(gitDirectory, "gitdir"), "utf8")).trimEnd()));
  } catch {
    // What cannot be read vouches for nothing.
    return undefined;
  }
}

/** Whether a path is a folder, or in it, wherever their links lead. */
async function isWithin(path: string, folder: string): Promise<boolean> {
  const way = relative(await whereItLeads(folder), await whereItLeads(path));
  return way.split(sep)[0] !== ".." && !isAbsolute(way);
}

async function whereItLeads(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    // Gone by now, or never there: then its name is all that can be compared.
    return resolve(path);
  }
}
