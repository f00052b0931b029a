/**
 * Owns what a job changed in its worktree: how it looked before, how it looks after, commits of the job's own included. What
 * was changed before and left alone by the job is not the job's.
 */
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { git } from "./git.ts";

export interface Changes {
  readonly files_changed: readonly string[];
  /** Lines added and removed, such as `+245 -12`. */
  readonly diff_stat: string;
}

/** How the worktree was when the job began. */
export interface Before {
  readonly worktree: string;
  /** The commit; null before the first one. */
  readonly head: string | null;
  /** Files that differed from it, with what was in them; null for one that was gone, or too large to keep. */
  readonly dirty: ReadonlyMap<string, Buffer | null>;
}

const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
/** Files that were dirty before are kept in memory up to this size, to be compared with what the job leaves. */
const MAX_KEPT_BYTES = 1024 * 1024;
const MAX_DIRTY_FILES = 1000;

/** Looks before the job; undefined outside of a repository, or where git does not answer. */
export async function lookBefore(worktree: string): Promise<Before | undefined> {
  const [head, paths] = await Promise.all([headOf(worktree), changedPaths(worktree, "HEAD")]);
  if (paths === undefined || paths.length > MAX_DIRTY_FILES) return undefined;
  const contents = await Promise.all(paths.map(async (path) => [path, await readKept(join(worktree, path))] as const));
  return { worktree, head, dirty: new Map(contents) };
}

/** Looks after it. */
export async function lookAfter(before: Before): Promise<Changes | undefined> {
  const { worktree, head, dirty } = before;
  const base = head ?? EMPTY_TREE;
  const paths = await changedPaths(worktree, base);
  if (paths === undefined) return undefined;
  // A file that was dirty and is as committed now was changed as well.
  const candidates = [...new Set([...paths, ...dirty.keys()])].sort();
  const stats = await Promise.all(candidates.map((path) => changeOf(before, base, path)));
  const changed = candidates.flatMap((path, index) => {
    const change = stats[index];
    return change === undefined ? [] : [{ path, ...change }];
  });
  const added = changed.reduce((sum, change) => sum + change.added, 0);
  const removed = changed.reduce((sum, change) => sum + change.removed, 0);
  return { files_changed: changed.map(({ path }) => path), diff_stat: `+${added} -${removed}` };
}

interface LineCounts {
  readonly added: number;
  readonly removed: number;
}

/** What the job did to one file; undefined when it left it alone. */
async function changeOf(before: Before, base: string, path: string): Promise<LineCounts | undefined> {
  const { worktree, dirty } = before;
  const now = await readKept(join(worktree, path));
  const then = dirty.get(path);
  if (then === undefined)
    return (await isTracked(worktree, base, path))
      ? againstBase(worktree, base, path)
      : againstNothing(worktree, path, now);
  if (then === null || now === null) return then === now ? undefined : { added: 0, removed: 0 };
  return then.equals(now) ? undefined : betweenContents(then, now);
}

async function isTracked(worktree: string, base: string, path: string): Promise<boolean> {
  return ((await git(worktree, ["ls-tree", "--name-only", "-z", base, "--", path])) ?? "") !== "";
}

async function againstBase(worktree: string, base: string, path: string): Promise<LineCounts> {
  return parseNumstat(await git(worktree, ["diff", "--numstat", "-z", "--no-renames", base, "--", path]));
}

async function againstNothing(worktree: string, path: string, now: Buffer | null): Promise<LineCounts> {
  if (now === null) return { added: 0, removed: 0 };
  return parseNumstat(await git(worktree, ["diff", "--no-index", "--numstat", "-z", "--", "/dev/null", path], [1]));
}

/** Git counts the lines here as well, so that all figures are made the same way. */
async function betweenContents(then: Buffer, now: Buffer): Promise<LineCounts> {
  const folder = await mkdtemp(join(tmpdir(), "televibe-diff-"));
  try {
    await writeFile(join(folder, "before"), then);
    await writeFile(join(folder, "after"), now);
    return parseNumstat(await git(folder, ["diff", "--no-index", "--numstat", "-z", "--", "before", "after"], [1]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `added TAB removed TAB …`; binary files have `-` for both. */
function parseNumstat(text: string | undefined): LineCounts {
  const match = /^(\d+)\t(\d+)\t/.exec(text ?? "");
  return { added: Number(match?.[1] ?? 0), removed: Number(match?.[2] ?? 0) };
}

async function headOf(worktree: string): Promise<string | null> {
  return (await git(worktree, ["rev-parse", "--verify", "--quiet", "HEAD"]))?.trim() || null;
}

/** Files that differ from a commit in the worktree, and files that git does not know and does not ignore. */
async function changedPaths(worktree: string, base: string): Promise<readonly string[] | undefined> {
  const known = base === "HEAD" && (await headOf(worktree)) === null ? EMPTY_TREE : base;
  const [tracked, untracked] = await Promise.all([
    git(worktree, ["diff", "--name-only", "--no-renames", "-z", known]),
    git(worktree, ["ls-files", "--others", "--exclude-standard", "-z"]),
  ]);
  if (tracked === undefined || untracked === undefined) return undefined;
  return [...new Set([...tracked.split("\0"), ...untracked.split("\0")])].filter((path) => path !== "");
}

async function readKept(path: string): Promise<Buffer | null> {
  try {
    const { size } = await stat(path);
    return size > MAX_KEPT_BYTES ? null : await readFile(path);
  } catch {
    // Gone, a folder, or not ours to read: nothing to compare.
    return null;
  }
}
