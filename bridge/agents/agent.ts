/** Owns what an agent has to tell of itself, so that everything else here is the same for all of them. */
import type { HookAgent } from "../../shared/protocol/agentHook.ts";
import type { HookInput } from "./hookInput.ts";
import type { Meaning } from "./meaning.ts";
import type { ModelUsage } from "./modelUsage.ts";
import type { WorkFolder } from "./toolUse.ts";

export interface Agent {
  readonly id: HookAgent;
  readonly name: string;
  /** The field of its hooks that holds the turn's id. */
  readonly turnField: string;
  /** Its hooks do not say how a tool's use went; its transcript does, by the time they are called. */
  readonly tellsExitCodesInTranscript: boolean;
  /** A hook that waits is ended when its user says no in the terminal; the turn is over then, and no further hook says so. */
  readonly endsHooksWhenInterrupted: boolean;
  /** What a hook means; undefined for an event that this version does not know. */
  read(input: HookInput, folder: WorkFolder): Meaning | undefined;
  /** What the hook prints, so that the agent takes a decision. */
  formatAnswer(answer: PermissionAnswer): string;
  /** What whole lines of its transcript tell. */
  readTranscript(lines: readonly string[]): readonly TranscriptEntry[];
}

export type PermissionAnswer =
  /** `suggestion` is the agent's own data, to be remembered as it suggested. */
  | { readonly behavior: "allow"; readonly suggestion?: readonly unknown[] }
  | { readonly behavior: "deny"; readonly message: string };

/** Something that a transcript tells, in its order. */
export type TranscriptEntry =
  | { readonly kind: "said"; readonly atMs: number; readonly text: string }
  /** Of several with one id the last counts: a message is written down piece by piece. */
  | { readonly kind: "used"; readonly atMs: number; readonly id: string; readonly usage: ModelUsage }
  | { readonly kind: "tool_ended"; readonly atMs: number; readonly toolUseId: string; readonly exitCode: number };
