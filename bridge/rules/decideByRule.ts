/** Owns which rule decides: the first that fits. Allow rules must name the whole of what is asked; deny and ask rules any of it. */
import type { Rule } from "../../shared/protocol/rules.ts";
import { allowsPath, namesPath } from "./pathPattern.ts";
import type { RuleRequest } from "./request.ts";
import { allowsCommand, matchesWord, namesCommand } from "./shell/commandPattern.ts";
import { findCommands } from "./shell/namedCommands.ts";

export interface RuleDecision {
  readonly decision: Rule["decision"];
  readonly rule: Rule;
  /** Its place in the file, from 0. */
  readonly index: number;
  /** Set where the rule may not mean this, and nobody can tell. */
  readonly note?: string;
}

export async function decideByRule(rules: readonly Rule[], request: RuleRequest): Promise<RuleDecision | undefined> {
  for (const [index, rule] of rules.entries()) {
    if (!fitsPlainly(rule, request)) continue;
    if (rule.decision === "allow") {
      if (await allows(rule, request)) return { decision: "allow", rule, index };
      continue;
    }
    const fit = await names(rule, request);
    if (fit === "yes") return { decision: rule.decision, rule, index };
    if (fit === "perhaps") {
      const note = "The command cannot be followed to its end, and this rule might mean it";
      return { decision: "ask", rule, index, note };
    }
  }
  return undefined;
}

/** What needs no reading of commands or paths. */
function fitsPlainly(rule: Rule, request: RuleRequest): boolean {
  const { scope, tool, project, session, agent } = rule;
  return (
    (scope === undefined || scope === request.scope) &&
    (tool === undefined || (request.tool !== undefined && matchesWord(tool, request.tool))) &&
    (project === undefined || project === request.project) &&
    (session === undefined || session === request.session) &&
    (agent === undefined || agent === request.agent)
  );
}

async function allows({ command, path }: Rule, request: RuleRequest): Promise<boolean> {
  if (command !== undefined && (request.command === undefined || !allowsCommand(command, request.command)))
    return false;
  if (path === undefined) return true;
  // A command that mentions a file may do anything with it, and with others.
  if (request.paths.length === 0 || (request.command !== undefined && command === undefined)) return false;
  for (const each of request.paths) if (!(await allowsPath(path, each, request.folder))) return false;
  return true;
}

async function names({ command, path }: Rule, request: RuleRequest): Promise<"yes" | "perhaps" | "no"> {
  if (path !== undefined && !(await namesAnyPath(path, request))) return "no";
  if (command === undefined) return "yes";
  if (request.command === undefined) return "no";
  if (namesCommand(command, request.command)) return "yes";
  return findCommands(request.command).isUnderstood ? "no" : "perhaps";
}

async function namesAnyPath(path: string, { paths, folder }: RuleRequest): Promise<boolean> {
  for (const each of paths) if (await namesPath(path, each, folder)) return true;
  return false;
}
