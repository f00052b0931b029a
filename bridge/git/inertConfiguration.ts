/** Owns keeping a repository's own configuration from running programs while we look at its files. */
import { type GitSettings, git } from "./git.ts";

/** How git prints a setting's scope and name: `local NUL filter.lfs.clean NUL`. */
const FILTER = /(?:^|\0)(?:local|worktree)\0(filter\.[^\0]+\.)(?:clean|process)(?=\0)/g;

/**
 * Settings under which git runs no filter that only the repository's own configuration names: that came with the repository,
 * or was written by a job. Those of the user and the system, such as Git LFS has, are the user's word and work.
 * Undefined where git does not answer.
 */
export async function withoutOwnFilters(worktree: string, timeoutMs: number): Promise<GitSettings | undefined> {
  const words = ["config", "--show-scope", "--name-only", "-z", "--get-regexp", "^filter\\..*\\.(clean|process)$"];
  // Its exit code is 1 when there is none.
  const answer = await git(worktree, words, { timeoutMs, acceptedCodes: [1] });
  if (answer === undefined) return undefined;
  const filters = new Set([...answer.matchAll(FILTER)].map(([, filter = ""]) => filter));
  return [...filters].flatMap((filter) => [
    [`${filter}clean`, ""],
    [`${filter}process`, ""],
    [`${filter}required`, "false"],
  ]);
}
