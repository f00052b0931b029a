/** Owns where an agent reads its hooks from. */
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import type { HookAgent } from "../../../shared/protocol/agentHook.ts";
import { git } from "../../git/git.ts";

/** For all that this user does, or for one project. */
export type HookScope = "user" | "project";

/** Where a person stands. */
export interface Whereabouts {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** What names an agent's home elsewhere than usual, and what that is called. */
const HOMES: Readonly<Record<HookAgent, { readonly variable: string; readonly folder: string }>> = {
  claude: { variable: "CLAUDE_CONFIG_DIR", folder: ".claude" },
  codex: { variable: "CODEX_HOME", folder: ".codex" },
};

const FILES: Readonly<Record<HookAgent, string>> = { claude: "settings.json", codex: "hooks.json" };

export function otherScope(scope: HookScope): HookScope {
  return scope === "user" ? "project" : "user";
}

export async function settingsPath(agent: HookAgent, scope: HookScope, where: Whereabouts): Promise<string> {
  if (scope === "user") return join(userFolder(agent, where), FILES[agent]);
  const project = await projectFolder(where.cwd, { isShared: agent === "codex" });
  return join(project, HOMES[agent].folder, FILES[agent]);
}

/** Its home: where it is started, for one that is named from there. */
export function userFolder(agent: HookAgent, { env, cwd }: Whereabouts): string {
  const { variable, folder } = HOMES[agent];
  // Empty counts as not set.
  return resolve(cwd, env[variable] || join(homedir(), folder));
}

/** A home that is another one in each folder that the agent is started in; undefined where it is not. */
export function relativeHome(
  agent: HookAgent,
  env: NodeJS.ProcessEnv,
): { readonly variable: string; readonly value: string } | undefined {
  const { variable } = HOMES[agent];
  const value = env[variable] ?? "";
  return value === "" || isAbsolute(value) ? undefined : { variable, value };
}

/**
 * The top of the worktree; outside of a repository the folder itself. In a linked worktree Codex reads the hooks of the main
 * one in its place.
 */
async function projectFolder(cwd: string, { isShared }: { readonly isShared: boolean }): Promise<string> {
  const answer = await git(cwd, ["rev-parse", "--path-format=absolute", "--show-toplevel", "--git-common-dir"]);
  const [worktree, common] = (answer ?? "").trimEnd().split("\n");
  if (!worktree || !common) return cwd;
  return isShared && basename(common) === ".git" ? dirname(common) : worktree;
}
