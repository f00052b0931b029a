/** Owns answering an approval, and what the one who answered is told of it. */
import { userInfo } from "node:os";
import type { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { describeError } from "../../shared/client/bridgeUnreachableError.ts";
import { type Approval, describeDecision } from "../../shared/protocol/approval.ts";
import { ProblemError } from "../../shared/protocol/problem.ts";
import { spellOut } from "../../shared/text/spellOut.ts";
import type { Answer } from "../store/answer.ts";

export type DecideOutcome =
  | { readonly kind: "decided"; readonly approval: Approval }
  /** Somebody was first, or the job takes no answer any more. */
  | { readonly kind: "late"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

/** Sends an answer. Never throws: what went wrong is in the outcome, as a sentence. */
export async function decide(
  client: () => Pick<BridgeClient, "decide">,
  approval_id: string,
  { decision, reason, remember }: Answer,
): Promise<DecideOutcome> {
  try {
    const { approval } = await client().decide(approval_id, {
      decision,
      surface: "vscode",
      decided_by: { name: userName() },
      ...(reason === undefined || reason === "" ? {} : { reason }),
      ...(remember === undefined ? {} : { remember }),
    });
    return { kind: "decided", approval };
  } catch (error) {
    return outcomeOf(error);
  }
}

/** What a refused or lost answer comes to. */
export function outcomeOf(error: unknown): DecideOutcome {
  if (!(error instanceof ProblemError)) {
    return { kind: "failed", message: `The answer did not get through. ${describeError(error)}` };
  }
  if (error.code === "already_decided") return { kind: "late", message: lateMessage(error) };
  if (error.code === "unknown_approval") {
    return {
      kind: "late",
      message: "This approval is gone: its job was removed, so there is nothing to answer any more.",
    };
  }
  return { kind: "failed", message: `The answer was not taken. ${error.message}` };
}

/** What was decided, by whom and where, in the words of all other surfaces. */
function lateMessage({ document, message }: ProblemError): string {
  const approval = document.context?.["approval"];
  return isApproval(approval)
    ? `This was answered before: ${describeDecision(approval)} — ${spellOut(approval.action)}`
    : message;
}

/** The bridge wrote it; what is looked at is what tells it from a later version's. */
function isApproval(value: unknown): value is Approval {
  return typeof value === "object" && value !== null && "approval_id" in value && "state" in value && "action" in value;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    // A user id without an entry in the system's list, as in some containers.
    if (error instanceof Error) return process.env["USER"] ?? "someone";
    throw error;
  }
}
