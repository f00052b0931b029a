/** Owns what we know of one use of a tool, whichever agent's it is: what it is called, what it touches, and how it reads in a line. */
import { isAbsolute, relative, sep } from "node:path";
import { oneLine } from "../../shared/text/oneLine.ts";
import type { LineCounts } from "../diff/lineCounts.ts";

/** What kind of permission it takes, as rules and people tell them apart. */
export type ToolScope = "command" | "edit" | "read" | "network" | "tool";

/** What an edit is about to do to a file, as far as its input says. */
export type ProposedChange =
  | { readonly kind: "write"; readonly path: string; readonly content: string }
  | { readonly kind: "replace"; readonly path: string; readonly pieces: readonly ReplacedPiece[] }
  | { readonly kind: "diff"; readonly text: string };

export interface ReplacedPiece {
  readonly before: string;
  readonly after: string;
  readonly isEverywhere: boolean;
}

export interface ToolUse {
  /** As the agent calls it. */
  readonly tool: string;
  /** The agent's id of this use; it pairs the start with the end. */
  readonly id: string | undefined;
  readonly scope: ToolScope;
  /** What it works on, in one line: the command, the file, the pattern. */
  readonly summary: string;
  /** What a person says yes or no to, exactly. */
  readonly action: string;
  /** The shell text, exactly. */
  readonly command?: string;
  /** What it names on disk, as a whole path. */
  readonly path?: string;
  /** The same, where it names several: all that it touches. */
  readonly paths?: readonly string[];
  /** What it does is not all in its command and its paths, so no rule may allow it by them. */
  readonly isUnclear?: true;
  /** The agent's own words on why. */
  readonly reason?: string;
  /** What else there is to judge, such as the input of a tool that we know nothing of. */
  readonly details?: string;
  readonly change?: ProposedChange;
}

/** What is known of a use that has ended. */
export interface ToolOutcome {
  readonly isSuccess: boolean;
  readonly error?: string;
  readonly durationSeconds?: number;
  /** Whole paths of the files that it changed. */
  readonly changedPaths: readonly string[];
  readonly lines?: LineCounts;
  /** What it printed, where only a transcript says whether that was a failure. */
  readonly output?: string;
}

/** Where a tool works: names of files are told relative to the worktree. */
export interface WorkFolder {
  readonly cwd: string;
  readonly worktree: string | null;
}

const MAX_TOOL_NAME = 100;
const MAX_SUMMARY = 200;

/** The name of a tool, on one line: it is what people read first. */
export function toolName(name: string | undefined): string {
  return oneLine(name ?? "", MAX_TOOL_NAME) || "unknown tool";
}

export function summaryLine(text: string): string {
  return oneLine(text, MAX_SUMMARY);
}

/** A file's name as people know it: relative to the worktree where it lies in it. Where `..` leads, no name tells. */
export function shownPath(path: string, { cwd, worktree }: WorkFolder): string {
  if (!isAbsolute(path) || path.split(/[\\/]/).includes("..")) return path;
  const base = worktree ?? cwd;
  const inside = relative(base, path);
  return inside === "" || inside === ".." || inside.startsWith(`..${sep}`) ? path : inside;
}

/**
 * The whole path of what a tool names; an agent means it from where it stands. `link/..` is where the link leads, and up from there,
 * so nothing is taken out of it.
 */
export function wholePath(path: string, { cwd }: WorkFolder): string {
  return isAbsolute(path) ? path : `${cwd}${cwd.endsWith("/") ? "" : "/"}${path}`;
}

/** `mcp__server__tool` as people read it. */
export function mcpSummary(tool: string): string | undefined {
  const [, server, name] = /^mcp__(.+?)__(.+)$/.exec(tool) ?? [];
  return server === undefined || name === undefined ? undefined : `${server}: ${name}`;
}
