/** Owns the command line of our hooks: writing it, and knowing it again whatever path an earlier install gave it. */
import { basename } from "node:path";
import { HOOK_AGENTS, type HookAgent } from "../../../shared/protocol/agentHook.ts";
import type { HookEvent } from "./agents.ts";
import { quoteWord, shellWords } from "./shellWords.ts";

/** What an agent is to run. */
export interface HookProgram {
  /** Node, or VS Code's own runtime. */
  readonly runtime: string;
  /** Whether the runtime is an application that is Node only when it is told so. */
  readonly isElectron: boolean;
  readonly runtimeFlags: readonly string[];
  readonly script: string;
  /** Where it is not the usual one. */
  readonly dataDir: string | undefined;
}

/** A command line of ours, taken apart. */
export interface OwnCommand {
  readonly agent: HookAgent;
  /** The files that must be there for it to run: the runtime, where it is named by its path, and the script. */
  readonly files: readonly string[];
}

const ELECTRON_AS_NODE = "ELECTRON_RUN_AS_NODE=1";
/** In the place of the shell, which would outlive the agent otherwise, and hide from the hook that the agent is gone. */
const IN_PLACE_OF_SHELL = "exec";
const SCRIPT_NAMES: readonly string[] = ["televibe.js", "televibe"];

export function hookCommand(program: HookProgram, agent: HookAgent, { waitSeconds }: HookEvent): string {
  const { runtime, isElectron, runtimeFlags, script, dataDir } = program;
  const words = [
    path(runtime),
    ...runtimeFlags,
    path(script),
    "hook",
    agent,
    ...(dataDir === undefined ? [] : ["--data-dir", path(dataDir)]),
    ...(waitSeconds === undefined ? [] : ["--wait", String(waitSeconds)]),
  ];
  return [
    ...(isElectron ? [ELECTRON_AS_NODE] : []),
    // On Windows it may be cmd that runs it.
    ...(process.platform === "win32" ? [] : [IN_PLACE_OF_SHELL]),
    ...words.map((word) => quoteWord(word)),
  ].join(" ");
}

/** With slashes on Windows: Git's bash, which runs Claude Code's hooks there, reads a backslash as its own. */
function path(name: string): string {
  return process.platform === "win32" ? name.replaceAll("\\", "/") : name;
}

/**
 * Ours is `televibe hook <agent>`, or a Node that runs a file of that name: not what only speaks of it, nor what does other
 * things besides. Earlier versions wrote no `exec`.
 */
export function readOwnCommand(line: unknown): OwnCommand | undefined {
  const words = typeof line === "string" ? shellWords(line) : undefined;
  if (words === undefined) return undefined;
  const named = words.slice(words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word)));
  const command = named[0] === IN_PLACE_OF_SHELL ? named.slice(1) : named;
  const at = command.indexOf("hook");
  const script = command[at - 1];
  const agent = HOOK_AGENTS.find((each) => each === command[at + 1]);
  if (script === undefined || agent === undefined || !SCRIPT_NAMES.includes(nameOf(script))) return undefined;
  const [runtime, ...flags] = command.slice(0, at - 1);
  const isRun = runtime === undefined || (isRuntime(runtime) && flags.every((flag) => flag.startsWith("-")));
  if (!isRun) return undefined;
  return { agent, files: [...(runtime === undefined ? [] : [runtime]), script].filter(isPath) };
}

function isRuntime(word: string): boolean {
  return isPath(word) || nameOf(word) === "node";
}

function isPath(word: string): boolean {
  return /[\\/]/.test(word);
}

function nameOf(file: string): string {
  return basename(file.replaceAll("\\", "/")).replace(/\.(exe|cmd)$/i, "");
}
