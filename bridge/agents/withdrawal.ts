/** Owns why a request is taken back for which its agent does not wait, and how that is read again once the bridge was restarted. */
import type { Approval } from "../../shared/protocol/approval.ts";
import { AGENTS } from "./agents.ts";
import { askingAgent } from "./identity.ts";

export type WithdrawalCause =
  | "answered"
  /** The agent asks by itself: its hook said so, or never came to wait. */
  | "given_up"
  /** Its hook has waited, and is gone without a word. */
  | "left";

const REASONS: Readonly<Record<WithdrawalCause, (agentName: string) => string>> = {
  answered: (name) => `Answered in ${name}`,
  given_up: (name) => `Nobody answered in Televibe; ${name} asks by itself`,
  left: (name) => `${name} no longer waits for it`,
};

/** For people; undefined for what no hook asked. */
export function withdrawalReason(approvalId: string, cause: WithdrawalCause): string | undefined {
  const asker = askingAgent(approvalId);
  return asker && REASONS[cause](AGENTS[asker].name);
}

/** Whether a request was taken back since its hook was gone. */
export function wasLeft({ approval_id, state, decision }: Approval): boolean {
  return (
    state === "withdrawn" &&
    decision?.surface === "producer" &&
    decision.reason === withdrawalReason(approval_id, "left")
  );
}
