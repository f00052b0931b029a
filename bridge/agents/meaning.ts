/** Owns what a hook can mean to us, in one form for all agents: each agent's own file turns its hooks into these. */
import type { ToolOutcome, ToolUse } from "./toolUse.ts";

export type Meaning =
  /** Known, and of no interest to a person. */
  | { readonly kind: "nothing" }
  | { readonly kind: "session_started"; readonly title: string | undefined }
  | { readonly kind: "session_ended"; readonly reason: string }
  /** A turn begins, or somebody adds to the one that runs. */
  | { readonly kind: "prompted"; readonly prompt: string }
  | { readonly kind: "tool_started"; readonly use: ToolUse }
  | { readonly kind: "tool_ended"; readonly use: ToolUse; readonly outcome: ToolOutcome; readonly isInterrupt: boolean }
  /** All calls of one answer have ended; those of which nothing was heard meanwhile did not run. */
  | { readonly kind: "batch_ended"; readonly refused: readonly RefusedUse[] }
  /** Somebody is asked. `suggestion` is the agent's own data, to hand back when a person takes it up. */
  | { readonly kind: "permission_asked"; readonly use: ToolUse; readonly suggestion?: Suggestion }
  /** Something that a person may want to know while the turn runs. */
  | { readonly kind: "noted"; readonly message: string }
  | { readonly kind: "stopped"; readonly message: string | undefined }
  | { readonly kind: "failed"; readonly error: string; readonly message: string | undefined }
  | { readonly kind: "interrupted" }
  /** A subagent is done: what it used belongs to the turn. */
  | { readonly kind: "subagent_ended"; readonly message: string; readonly transcriptPath: string | undefined }
  | { readonly kind: "task_created"; readonly taskId: string; readonly title: string; readonly description?: string }
  | { readonly kind: "task_completed"; readonly taskId: string; readonly title: string };

/** What an agent offers to remember by itself. */
export interface Suggestion {
  /** What would be allowed from then on, in words. */
  readonly text: string;
  readonly data: readonly unknown[];
}

export interface RefusedUse {
  readonly use: ToolUse;
  readonly error: string;
}

/** What happens in a turn, and begins one where none is under way. */
export type TurnMeaning = Extract<Meaning, { kind: "prompted" | "tool_started" | "tool_ended" | "permission_asked" }>;

export function beginsTurn(meaning: Meaning): meaning is TurnMeaning {
  return ["prompted", "tool_started", "tool_ended", "permission_asked"].includes(meaning.kind);
}
