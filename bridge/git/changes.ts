/**
 * Owns what a job changed in its worktree: how it looked before, how it looks after, commits of the job's own included. What
 * was changed before and left alone by the job is not the job's. A handful of calls of git, however many files there are.
 */
import { join } from "node:path";
import { contentOf, contentUpTo, countLines, type FileContent, isSameContent } from "./fileContent.ts";
import { git } from "./git.ts";
import { withoutOwnFilters } from "./inertConfiguration.ts";
import { linesBetween } from "./linesBetween.ts";
import { type LineCounts, NO_LINES, parseNumstat } from "./numstat.ts";

export interface Changes {
  /** The first ones, in the order of their names, if there are very many. */
  readonly files_changed: readonly string[];
  /** Lines added and removed in all of them, such as `+245 -12`; empty when nothing changed. */
  readonly diff_stat: string;
}

/** How the worktree was when the job began. */
export interface Before {
  readonly worktree: string;
  /** The commit; that of the empty tree before the first one. */
  readonly base: string;
  /** Files that differed from it, and what was in them. */
  readonly dirty: ReadonlyMap<string, FileContent>;
}

/** A worktree with more files than these that differ is not looked at: the command would wait for it. */
const MAX_DIRTY_FILES = 2000;
/** Names of files that are told; an event has 256 kB. */
const MAX_NAMES = 1000;
const MAX_NAMES_LENGTH = 100_000;
/** New files that are read for their lines. */
const MAX_COUNTED_FILES = 1000;

/** The command waits for this one. */
const BEFORE_TIMEOUT_MS = 2000;
const AFTER_TIMEOUT_MS = 5000;

/** Looks before the job; undefined outside of a repository, or where git takes too long. */
export async function lookBefore(worktree: string): Promise<Before | undefined> {
  const base = await commitOrEmpty(worktree);
  if (base === undefined) return undefined;
  const differing = await changedFiles(worktree, base, BEFORE_TIMEOUT_MS);
  if (differing === undefined) return undefined;
  const paths = [...differing.tracked.keys(), ...differing.unknown];
  if (paths.length > MAX_DIRTY_FILES) return undefined;
  const dirty = new Map<string, FileContent>();
  // One after the other: only what fits into one budget is kept.
  let keptBytes = 0;
  for (const path of paths) {
    const content = await contentOf(join(worktree, path), keptBytes);
    if (content.kind === "bytes") keptBytes += content.bytes.length;
    dirty.set(path, content);
  }
  return { worktree, base, dirty };
}

/** Looks after it. */
export async function lookAfter({ worktree, base, dirty }: Before): Promise<Changes | undefined> {
  const differing = await changedFiles(worktree, base, AFTER_TIMEOUT_MS);
  if (differing === undefined) return undefined;
  const changed = new Map<string, LineCounts>();
  let counted = 0;
  for (const [path, lines] of differing.tracked) if (!dirty.has(path)) changed.set(path, lines);
  for (const path of differing.unknown) {
    if (dirty.has(path)) continue;
    counted += 1;
    changed.set(
      path,
      counted > MAX_COUNTED_FILES ? NO_LINES : { added: await linesOf(join(worktree, path)), removed: 0 },
    );
  }
  // A file that was dirty and is as committed now was changed as well, so all of them are looked at.
  for (const [path, then] of dirty) {
    // Looked at in the same way, or there would be nothing to compare.
    const now = await contentOf(join(worktree, path), then.kind === "traces" ? Number.POSITIVE_INFINITY : 0);
    if (!isSameContent(then, now)) changed.set(path, await linesBetween(then, now));
  }
  return summarize(changed);
}

/** Before the first commit everything is new: compared with the empty tree, whose name depends on the repository's format. */
async function commitOrEmpty(worktree: string): Promise<string | undefined> {
  const timeoutMs = BEFORE_TIMEOUT_MS;
  const head = await git(worktree, ["rev-parse", "--verify", "--quiet", "HEAD"], { timeoutMs });
  return (head ?? (await git(worktree, ["hash-object", "-t", "tree", "/dev/null"], { timeoutMs })))?.trim();
}

interface Differing {
  /** Files of which git knows, and the lines by which they differ from the base. */
  readonly tracked: ReadonlyMap<string, LineCounts>;
  /** Files that it neither knows nor ignores. */
  readonly unknown: readonly string[];
}

/** What is dirty within a submodule is looked for by a git of the submodule's own, with whatever its configuration runs. */
const DIFF_OPTIONS = ["--numstat", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty", "-z"];

async function changedFiles(worktree: string, base: string, timeoutMs: number): Promise<Differing | undefined> {
  const settings = await withoutOwnFilters(worktree, timeoutMs);
  if (settings === undefined) return undefined;
  const [tracked, unknown] = await Promise.all([
    git(worktree, ["diff", ...DIFF_OPTIONS, base], { timeoutMs, settings }),
    git(worktree, ["ls-files", "--others", "--exclude-standard", "-z"], { timeoutMs, settings }),
  ]);
  if (tracked === undefined || unknown === undefined) return undefined;
  return { tracked: parseNumstat(tracked), unknown: unknown.split("\0").filter((path) => path !== "") };
}

function summarize(changed: ReadonlyMap<string, LineCounts>): Changes {
  const names: string[] = [];
  let length = 0;
  for (const name of [...changed.keys()].sort()) {
    length += name.length;
    if (names.length === MAX_NAMES || length > MAX_NAMES_LENGTH) break;
    names.push(name);
  }
  let [added, removed] = [0, 0];
  for (const lines of changed.values()) {
    added += lines.added;
    removed += lines.removed;
  }
  return { files_changed: names, diff_stat: names.length === 0 ? "" : `+${added} -${removed}` };
}

const MAX_COUNTED_BYTES = 4 * 1024 * 1024;

/** None that we know of where it is gone again, a folder (a repository of its own), or not ours to read. */
async function linesOf(path: string): Promise<number> {
  const content = await contentUpTo(path, MAX_COUNTED_BYTES);
  return content.kind === "bytes" ? countLines(content.bytes) : 0;
}
