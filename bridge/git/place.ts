/** Owns where a command is run, in Televibe's words: the project is the repository, the session its branch or worktree. */
import { basename, dirname, resolve } from "node:path";
import { git } from "./git.ts";
import { ownFolder } from "./ownFolder.ts";

/** As identifiers have it; their module is not loaded for it, since its schemas take their time and a command waits. */
const MAX_LENGTH = 200;

export interface Place {
  readonly project: string;
  /** Its own folder, which tells it from others of its name: `ownFolder.ts`, or the folder itself outside of a repository. */
  readonly projectFolder: string;
  readonly session: string;
  readonly branch: string | null;
  /** The worktree's top folder; null outside of a repository. */
  readonly worktree: string | null;
}

/** Finds out about a folder. Outside of a repository the project is the folder and the session `default`. */
export async function findPlace(cwd: string): Promise<Place> {
  const folders = ["--show-toplevel", "--git-common-dir", "--git-dir"];
  const answer = await git(cwd, ["rev-parse", "--path-format=absolute", ...folders]);
  const [worktree, commonDirectory, gitDirectory] = (answer ?? "").trimEnd().split("\n");
  if (!worktree || !commonDirectory || !gitDirectory) {
    const folder = resolve(cwd);
    return {
      project: toIdentifier(basename(folder)),
      projectFolder: folder,
      session: "default",
      branch: null,
      worktree: null,
    };
  }
  // Empty when the head is detached; a repository without a commit has a branch already.
  const branch = (await git(cwd, ["branch", "--show-current"]))?.trim() || null;
  // All worktrees of a repository share this folder, which lies in the main one.
  const repository = basename(commonDirectory) === ".git" ? dirname(commonDirectory) : commonDirectory;
  return {
    project: toIdentifier(basename(repository).replace(/\.git$/, "")),
    projectFolder: await ownFolder({ cwd, worktree, repository, commonDirectory, gitDirectory }),
    session: toIdentifier(branch ?? basename(worktree)),
    branch,
    worktree,
  };
}

/** Makes a name that Televibe takes: folders and branches may be called what an identifier may not. */
export function toIdentifier(name: string): string {
  const clean = name
    .trim()
    .slice(0, MAX_LENGTH)
    // Half a character, where the cut went through one, is none.
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\\]|\p{Surrogate}/gu, "-")
    .trim();
  if (clean === "") return "default";
  const parts = clean.split("/").map((part) => (part === "" || part === "." || part === ".." ? "-" : part));
  // A part may have grown from nothing to a dash.
  return parts.join("/").slice(0, MAX_LENGTH).replace(/\/$/, "").trim();
}
