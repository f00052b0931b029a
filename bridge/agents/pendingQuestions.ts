/** Owns finding, among the requests of a session that wait for an answer, those that a call of a hook is about. */
import { isDeepStrictEqual } from "node:util";
import type { Approval } from "../../shared/protocol/approval.ts";
import type { Job, State } from "../../shared/state/state.ts";
import { type ApprovalRequest, isFor } from "./approvalRequest.ts";
import { askingAgent } from "./identity.ts";
import type { Meaning } from "./meaning.ts";

/** Those that have their answer: a tool that has run was permitted, and one that did not was refused. */
export function answeredElsewhere(meaning: Meaning, sessionId: string, state: State): readonly Approval[] {
  const uses =
    meaning.kind === "tool_ended"
      ? [meaning.use]
      : meaning.kind === "batch_ended"
        ? meaning.refused.map(({ use }) => use)
        : [];
  if (uses.length === 0) return [];
  const asked = pendingIn(sessionId, state);
  return uses.flatMap((use) => asked.find((approval) => isFor(approval, use)) ?? []);
}

/**
 * The one that asks the same of the same call, as when an agent runs our hooks twice. A yes is for one call: where several
 * like it run, each is asked about.
 */
export function askedAlready(request: ApprovalRequest, job: Job | undefined, state: State): Approval | undefined {
  const { scope, action, context } = request;
  const call = job?.tool_calls.find(({ call_id }) => call_id === context?.["tool_use_id"]);
  if (job === undefined || call === undefined) return undefined;
  const alike = job.tool_calls.filter(
    (each) => each.state === "running" && each.tool === call.tool && each.summary === call.summary,
  );
  if (alike.length !== 1) return undefined;
  return pendingIn(job.session_id, state).find(
    (approval) =>
      approval.job_id === job.job_id &&
      approval.scope === scope &&
      approval.action === action &&
      isDeepStrictEqual(approval.context, context),
  );
}

function pendingIn(sessionId: string | null, { approvals }: State): readonly Approval[] {
  return [...approvals.values()].filter(
    ({ state, session_id, approval_id }) =>
      state === "pending" && session_id === sessionId && askingAgent(approval_id) !== undefined,
  );
}
