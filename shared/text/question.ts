/**
 * Owns what of an approval's context people have to see before they answer: the fields that every producer of questions
 * names alike, and what is left. Nothing of it is trusted: who shows it makes it harmless for its surface.
 */
import type { Approval } from "../protocol/approval.ts";
import { agentName } from "./agentName.ts";
import { spellOut } from "./spellOut.ts";

export interface Question {
  /** Such as `Claude Code`; null where it is no agent that asks. */
  readonly agent: string | null;
  readonly tool: string | null;
  /** Exactly what would run, with what would hide in it spelt out; null where the action says it already. */
  readonly command: string | null;
  readonly path: string | null;
  readonly cwd: string | null;
  /** What would change: a unified diff. */
  readonly diff: string | null;
  /** What else there is to judge, in several lines, such as the input of a tool that nobody knows. */
  readonly details: string | null;
  /** Facts that only the asker knows the meaning of. */
  readonly others: readonly (readonly [name: string, value: string])[];
}

/** Shown each in its own way. */
const NAMED: ReadonlySet<string> = new Set(["agent", "tool", "command", "path", "cwd", "diff", "details"]);
/** What the asker needs when it is answered, and what offers name where it matters. */
const NOT_SHOWN: ReadonlySet<string> = new Set(["agent_suggestion", "tool_use_id", "bridge", "project_folder"]);

export function questionOf({ action, context }: Pick<Approval, "action" | "context">): Question {
  const text = (name: string) => {
    const value = context[name];
    return typeof value === "string" && value.trim() !== "" ? spellOut(value) : null;
  };
  const agent = text("agent");
  const command = text("command");
  return {
    agent: agent === null ? null : agentName(agent),
    tool: text("tool"),
    command: command === null || command.trim() === spellOut(action).trim() ? null : command,
    path: text("path"),
    cwd: text("cwd"),
    diff: text("diff"),
    details: text("details"),
    others: Object.entries(context)
      .filter(([name, value]) => !NAMED.has(name) || typeof value !== "string")
      .filter(([name]) => !NOT_SHOWN.has(name))
      .map(([name, value]) => [spellOut(name), spellOut(typeof value === "string" ? value : JSON.stringify(value))]),
  };
}
