/** Owns what rules look at in an approval that is asked for, whoever asks. */
import type { Rule, RuleCheck } from "../../shared/protocol/rules.ts";

export interface RuleRequest {
  readonly scope: string | undefined;
  readonly tool: string | undefined;
  readonly command: string | undefined;
  readonly paths: readonly string[];
  /** What relative paths are relative to. */
  readonly folder: string | undefined;
  readonly project: string | undefined;
  readonly session: string | undefined;
  readonly agent: string | undefined;
}

/** Of a question, or the approval that it has become. */
export interface Asked {
  readonly project_id: string;
  readonly session_id: string | null;
  readonly data: {
    readonly scope: string;
    readonly action: string;
    readonly context?: Readonly<Record<string, unknown>> | undefined;
  };
}

/** Where an asker names neither tool nor command nor file, the action itself is what would be run. */
export function requestOf({ project_id, session_id, data }: Asked): RuleRequest {
  const context = data.context ?? {};
  const text = (name: string): string | undefined => {
    const value = context[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const paths = [context["path"], ...listOf(context["paths"])].filter((path) => typeof path === "string");
  const tool = text("tool");
  const command = text("command") ?? (tool === undefined && paths.length === 0 ? data.action : undefined);
  return {
    scope: data.scope,
    tool,
    command,
    paths,
    folder: text("worktree") ?? text("cwd"),
    project: project_id,
    session: session_id ?? undefined,
    agent: text("agent"),
  };
}

/** What somebody might ask. */
export function requestOfCheck({
  scope,
  tool,
  command,
  path,
  cwd,
  project_id,
  session_id,
  agent,
}: RuleCheck): RuleRequest {
  return {
    ...{ scope, tool, command, agent },
    paths: path === undefined ? [] : [path],
    folder: cwd,
    project: project_id,
    session: session_id,
  };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The rule that allows just this from now on; undefined where it cannot be named so that it is nothing else. */
export function ruleFor(request: RuleRequest, lasting: "session" | "always"): Rule | undefined {
  const { scope, tool, command, paths, folder, project, session } = request;
  if (project === undefined || (lasting === "session" && session === undefined)) return undefined;
  const [path, other] = paths;
  if (other !== undefined || (path !== undefined && /[*\\]/.test(path))) return undefined;
  if (command === undefined && path === undefined && tool === undefined) return undefined;
  return {
    decision: "allow",
    ...(tool === undefined ? (scope === undefined ? {} : { scope }) : { tool }),
    ...(command === undefined ? {} : { command }),
    ...(path === undefined || command !== undefined ? {} : { path: relativePath(path, folder) }),
    project,
    ...(lasting === "session" && session !== undefined ? { session } : {}),
  };
}

/** Below the folder, so that the rule is good in another worktree of the project too. */
function relativePath(path: string, folder: string | undefined): string {
  return folder !== undefined && path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
}
