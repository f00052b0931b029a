/** Owns the form of what a hook's call comes to: what is published for it, and what is told in the logs of its turns. */
import type { EventType, Payload } from "../../shared/events/taxonomy.ts";

export type PlannedEvent = {
  [T in EventType]: { readonly event_type: T; readonly job_id: string | null; readonly data: Payload<T> };
}[EventType];

import type { ApprovalRequest } from "./approvalRequest.ts";
import type { TurnOutcome } from "./turnOutcome.ts";

export interface Plan {
  readonly events: readonly PlannedEvent[];
  /** What is told, and in which job's log. */
  readonly story: readonly StoryPart[];
}

export interface StoryPart {
  readonly job_id: string;
  readonly lines: readonly string[];
  /** The job ends with it: all that the agent said before is to be told first. */
  readonly isEnd: boolean;
  /** What the transcript has once it has come as far as this: the use of a tool, or what the agent says last. */
  readonly until: TranscriptMark | undefined;
}

export type TranscriptMark =
  | { readonly kind: "tool_use"; readonly id: string }
  /** It is told by the part itself. */
  | { readonly kind: "message"; readonly text: string };

export interface Findings {
  /** What each job that ends now leaves behind. */
  readonly outcomes: ReadonlyMap<string, TurnOutcome>;
  /** What is asked, when something is and can be. */
  readonly request: ApprovalRequest | undefined;
}

export const NO_PLAN: Plan = { events: [], story: [] };
