/** Owns what rules look at in an approval that is asked for, whoever asks. */
import { isAbsolute, resolve } from "node:path";
import type { RuleCheck } from "../../shared/protocol/rules.ts";
import type { Folders } from "./paths/places.ts";

export interface RuleRequest extends Folders {
  readonly scope: string | undefined;
  readonly tool: string | undefined;
  readonly command: string | undefined;
  /** What people are shown to say yes to, where that is another text than the command. Then no command is allowed by its words. */
  readonly action: string | undefined;
  readonly paths: readonly string[];
  /** More than one where a session works in another project than its own: allow rules need all of them to fit, others any. */
  readonly projects: readonly string[];
  /** The own folder of the project that is worked in, where that was told. */
  readonly projectFolder: string | undefined;
  readonly session: string | undefined;
  readonly agent: string | undefined;
  /**
   * Whether all of it was told in the form that rules read, and whoever asks could read it (`unclear`). What was not is not there,
   * and nothing is allowed.
   */
  readonly isWellFormed: boolean;
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

/** Nobody has read more than this, and to look for commands in it would take long. */
const MAX_COMMAND_LENGTH = 64 * 1024;

const TEXTS = ["agent", "tool", "command", "path", "cwd", "worktree", "project", "project_folder"] as const;

/** Where an asker names neither tool nor command nor file, the action itself is what would be run. */
export function requestOf({ project_id, session_id, data }: Asked): RuleRequest {
  const context = data.context ?? {};
  const text = (name: (typeof TEXTS)[number]): string | undefined => {
    const value = context[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const further: unknown = context["paths"] ?? [];
  const named: readonly unknown[] = Array.isArray(further) ? further : [];
  const paths = [text("path"), ...named].filter((path) => typeof path === "string");
  const isTold =
    TEXTS.every((name) => typeof (context[name] ?? "") === "string") &&
    (context["unclear"] ?? false) === false &&
    Array.isArray(further) &&
    named.every((path) => typeof path === "string");
  const tool = text("tool");
  const command = text("command");
  const isBare = isTold && tool === undefined && paths.length === 0;
  return {
    scope: data.scope,
    tool,
    command: command ?? (isBare ? data.action : undefined),
    action: command === undefined || command === data.action ? undefined : data.action,
    paths,
    cwd: text("cwd") ?? text("worktree"),
    worktree: text("worktree"),
    projects: [...new Set([project_id, text("project") ?? project_id])],
    projectFolder: absolute(text("project_folder")),
    session: session_id ?? undefined,
    agent: text("agent"),
    isWellFormed: isTold && isReadable(command) && isReadable(data.action),
  };
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? resolve(path) : undefined;
}

/** Whether rules look into a text. */
export function isReadable(text: string | undefined): boolean {
  return (text ?? "").length <= MAX_COMMAND_LENGTH;
}

/** What somebody might ask. */
export function requestOfCheck(check: RuleCheck): RuleRequest {
  const { scope, tool, command, path, cwd, project_id, project_folder, session_id, agent } = check;
  return {
    ...{ scope, tool, command, agent, cwd },
    paths: path === undefined ? [] : [path],
    ...{ worktree: undefined, action: undefined },
    projects: project_id === undefined ? [] : [project_id],
    projectFolder: absolute(project_folder),
    session: session_id,
    isWellFormed: isReadable(command),
  };
}
