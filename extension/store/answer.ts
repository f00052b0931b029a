/** Owns what an answer that is given in this window consists of. */
import type { Remember } from "../../shared/events/job.ts";

export interface Answer {
  readonly decision: "approve" | "deny";
  readonly reason?: string;
  /** One of the approval's offers; with `approve` alone. */
  readonly remember?: Remember;
}

export const APPROVE: Answer = { decision: "approve" };
export const DENY: Answer = { decision: "deny" };

/** Gives it. Whoever gave it is told where it came too late or did not get through. */
export type GiveAnswer = (approval_id: string, answer: Answer) => Promise<void>;
