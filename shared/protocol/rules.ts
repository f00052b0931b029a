/** Owns the rules that decide approvals without asking: the form of `rules.json`, and what the protocol says of them. */
import type { TimeoutDecision } from "../events/job.ts";
import { spellOut } from "../text/spellOut.ts";

/** Of what is asked, all that a rule names must fit; `path` and `command` are patterns. The first rule that fits decides. */
export interface Rule {
  readonly decision: "allow" | "deny" | "ask";
  /** What is asked for, such as `command`, `edit` or `deploy`. */
  readonly scope?: string;
  /** The agent's tool; a `*` stands for any part of its name. */
  readonly tool?: string;
  readonly command?: string;
  /** Relative to the project's folder, to the home folder with `~/`, or absolute. */
  readonly path?: string;
  /** Command and path are meant as they stand, without wildcards; of an allow rule. */
  readonly exact?: true;
  readonly project?: string;
  /** The project's own folder, which is the same for all worktrees of a repository: others of its name are not meant. */
  readonly project_folder?: string;
  readonly session?: string;
  readonly agent?: string;
  /** What it is called where it has decided. */
  readonly name?: string;
  /** Told to whoever asked. */
  readonly reason?: string;
  /** When an answer became this rule. */
  readonly remembered_at?: string;
}

/** How long approvals of a scope wait, and what they then come to. */
export interface RuleTimeout {
  /** `*` for every one. */
  readonly scope: string;
  readonly project?: string;
  /** See `secondsOf`. */
  readonly after: string;
  /** `deny` by default. */
  readonly decision?: TimeoutDecision;
}

/** Answer of `GET /v1/rules`: what is in force, and what is wrong with the file if anything is. */
export interface RulesInForce {
  readonly file: string;
  readonly rules: readonly Rule[];
  readonly timeouts: readonly RuleTimeout[];
  readonly problem: string | null;
}

/** Body of `POST /v1/rules/check`: something that might be asked. */
export interface RuleCheck {
  readonly scope?: string;
  readonly tool?: string;
  readonly command?: string;
  readonly path?: string;
  readonly cwd?: string;
  readonly project_id?: string;
  readonly project_folder?: string;
  readonly session_id?: string;
  readonly agent?: string;
}

/** Its answer: what would be decided, and by which rule; `rule` is null where none fits, and people are asked. */
export interface RuleCheckResult {
  readonly decision: Rule["decision"];
  /** Its place in the file, from 0, and its words. */
  readonly rule: { readonly index: number; readonly text: string } | null;
  /** Why, where that is not plain. */
  readonly note: string | null;
}

/** A length of time such as `90s`, `10m`, `2h` or `1d`. */
export const AFTER = /^([1-9]\d{0,5})([smhd])$/;

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** How many seconds a length of time has that fits `AFTER`. */
export function secondsOf(after: string): number {
  const [, number = "", unit = ""] = AFTER.exec(after) ?? [];
  return Number(number) * (UNIT_SECONDS[unit] ?? 0);
}

/** What a file begins with that we make; nothing in it is more than an example. */
export const RULES_BEGINNING = `// What Televibe approves or denies without asking. The first rule that fits
// decides; what none fits is asked. Such as:
//
//   {"decision": "allow", "tool": "Bash", "command": "npm test", "project": "shop"}
//   {"decision": "deny", "path": "**/.env", "reason": "Secrets stay unread"}
//   {"decision": "ask", "command": "git push *"}
//
// How long approvals wait, and what no answer comes to:
//
//   {"scope": "command", "after": "10m", "decision": "deny"}
{
  "rules": [],
  "timeouts": []
}
`;

/** A rule in words, such as `allow Bash "npm test" in shop`. */
export function describeRule(rule: Rule): string {
  const { decision, scope, tool, command, path, exact, project, project_folder, session, agent } = rule;
  const words = [
    decision,
    tool === undefined ? undefined : spellOut(tool),
    exact ? "exactly" : undefined,
    command === undefined ? undefined : spellOut(JSON.stringify(command)),
    path === undefined ? undefined : spellOut(JSON.stringify(path)),
    scope === undefined ? undefined : `(${spellOut(scope)})`,
    agent === undefined ? undefined : `by ${spellOut(agent)}`,
    session === undefined ? undefined : "in this session",
    project === undefined || session !== undefined ? undefined : `in ${spellOut(project)}`,
    project_folder === undefined || session !== undefined ? undefined : `at ${spellOut(project_folder)}`,
  ];
  return words.filter((word) => word !== undefined).join(" ");
}
