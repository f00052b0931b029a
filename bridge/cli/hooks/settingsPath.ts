/** Owns where an agent reads its hooks from. */
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { HookAgent } from "../../../shared/protocol/agentHook.ts";
import { git } from "../../git/git.ts";

/** For all that this user does, or for one project. */
export type HookScope = "user" | "project";

export function otherScope(scope: HookScope): HookScope {
  return scope === "user" ? "project" : "user";
}

export async function settingsPath(
  agent: HookAgent,
  scope: HookScope,
  { env, cwd }: { readonly env: NodeJS.ProcessEnv; readonly cwd: string },
): Promise<string> {
  if (scope === "user") return userPath(agent, env);
  return agent === "claude"
    ? join(await projectFolder(cwd), ".claude", "settings.json")
    : join(await projectFolder(cwd, { isShared: true }), ".codex", "hooks.json");
}

/** Empty counts as not set. */
function userPath(agent: HookAgent, env: NodeJS.ProcessEnv): string {
  return agent === "claude"
    ? join(env["CLAUDE_CONFIG_DIR"] || join(homedir(), ".claude"), "settings.json")
    : join(codexHome(env), "hooks.json");
}

export function codexHome(env: NodeJS.ProcessEnv): string {
  return env["CODEX_HOME"] || join(homedir(), ".codex");
}

/**
 * The top of the worktree; outside of a repository the folder itself. In a linked worktree Codex reads the hooks of the main
 * one in its place.
 */
async function projectFolder(cwd: string, { isShared = false } = {}): Promise<string> {
  const answer = await git(cwd, ["rev-parse", "--path-format=absolute", "--show-toplevel", "--git-common-dir"]);
  const [worktree, common] = (answer ?? "").trimEnd().split("\n");
  if (!worktree || !common) return cwd;
  return isShared && basename(common) === ".git" ? dirname(common) : worktree;
}
