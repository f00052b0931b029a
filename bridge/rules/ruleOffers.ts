/** Owns what an answer can be remembered as: the rule that allows just what is asked, and nothing else, from then on. */
import type { Rule } from "../../shared/protocol/rules.ts";
import { describeRule } from "../../shared/protocol/rules.ts";
import { decideByRule, type Surroundings } from "./decideByRule.ts";
import { partsInside } from "./paths/pathRule.ts";
import { findPlace, findProject } from "./paths/places.ts";
import type { RuleRequest } from "./request.ts";
import { namesItselfAlone } from "./shell/commandPattern.ts";

/** Nobody reads more than this on a button before they press it. */
const MAX_TEXT_LENGTH = 1000;

/** What such a tool does is all in its command or its file: a rule without one would allow anything. */
const NAMED_SCOPES: readonly (string | undefined)[] = ["command", "edit", "read"];

/** Undefined where it cannot be named so that it is nothing else, or where a rule would not do what it says. */
export async function ruleFor(
  request: RuleRequest,
  lasting: "session" | "always",
  surroundings: Surroundings,
): Promise<Rule | undefined> {
  const { scope, tool, session, projectFolder } = request;
  const [project, otherProject] = request.projects;
  const what = await whatIsAsked(request, surroundings.home);
  if (otherProject !== undefined) return undefined;
  if (what === undefined || project === undefined || (lasting === "session" && session === undefined)) return undefined;
  const rule: Rule = {
    decision: "allow",
    ...(tool === undefined ? (scope === undefined ? {} : { scope }) : { tool }),
    ...what,
    project,
    ...(projectFolder === undefined ? {} : { project_folder: projectFolder }),
    ...(lasting === "session" && session !== undefined ? { session } : {}),
  };
  if (describeRule(rule).length > MAX_TEXT_LENGTH) return undefined;
  return (await decideByRule([rule], request, surroundings))?.decision === "allow" ? rule : undefined;
}

async function whatIsAsked(
  request: RuleRequest,
  home: string,
): Promise<Pick<Rule, "command" | "path" | "exact"> | undefined> {
  const { command, paths, tool, scope } = request;
  // A star in a tool's name would stand for others.
  if (tool?.includes("*")) return undefined;
  if (command !== undefined) return { command, ...(namesItselfAlone(command) ? {} : { exact: true }) };
  const [path, other] = paths;
  if (other !== undefined) return undefined;
  if (path === undefined) return tool === undefined || NAMED_SCOPES.includes(scope) ? undefined : {};
  const [place, projectFolder] = await Promise.all([findPlace(path, request), findProject(request, home)]);
  if (place?.real === undefined) return undefined;
  const inside = projectFolder?.real === undefined ? undefined : partsInside(projectFolder.real, place.real);
  // Below the folder, so that the rule is good in another worktree of the project too.
  const isRelative = inside !== undefined && inside.length > 0 && inside[0] !== "~";
  const named = isRelative ? inside.join("/") : place.real;
  return { path: named, ...(/[*?]/.test(named) ? { exact: true } : {}) };
}
