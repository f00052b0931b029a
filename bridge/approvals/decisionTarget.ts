/** Owns which events are decisions, and which approval a decision is for. */
import type { Event, EventOf } from "../../shared/events/event.ts";
import { isKnownEvent } from "../../shared/events/known.ts";
import type { Approval } from "../../shared/protocol/approval.ts";
import { problem } from "../../shared/protocol/problem.ts";
import type { State } from "../../shared/state/state.ts";

export type DecisionEvent = EventOf<"job.approved"> | EventOf<"job.denied">;

export function isDecision(event: Event): event is DecisionEvent {
  return isKnownEvent(event) && (event.event_type === "job.approved" || event.event_type === "job.denied");
}

/**
 * A decision with the `approval_id` that it can only mean.
 *
 * @throws ProblemError `unknown_approval` when it cannot be told.
 */
export function withApprovalId(state: State, event: DecisionEvent): DecisionEvent {
  const { approval_id } = decisionTarget(state, event);
  return event.event_type === "job.approved"
    ? { ...event, data: { ...event.data, approval_id } }
    : { ...event, data: { ...event.data, approval_id } };
}

/** A decision as far as finding its approval goes. */
export interface DecisionLike {
  readonly job_id: string | null;
  readonly data: { readonly approval_id?: string | undefined };
}

/**
 * The approval that a decision names, or the only one that its job waits for.
 *
 * @throws ProblemError `unknown_approval` when there is none, or when it is not clear which one is meant.
 */
export function decisionTarget(state: State, { job_id, data }: DecisionLike): Approval {
  const { approval_id } = data;
  if (approval_id !== undefined) {
    const approval = state.approvals.get(approval_id);
    if (approval === undefined) throw unknownApproval(approval_id);
    if (approval.job_id !== job_id) {
      throw problem(
        "unknown_approval",
        `The approval "${approval_id}" belongs to the job "${approval.job_id}", not to "${job_id}".`,
      );
    }
    return approval;
  }
  const asked = (state.jobs.get(job_id ?? "")?.approval_ids ?? []).flatMap((id) => state.approvals.get(id) ?? []);
  const pending = asked.filter((approval) => approval.state === "pending");
  const [only, other] = pending;
  if (other !== undefined) {
    const ids = pending.map((approval) => approval.approval_id).join(", ");
    throw problem(
      "unknown_approval",
      `The job "${job_id}" waits for several approvals (${ids}): name one as data.approval_id.`,
    );
  }
  if (only !== undefined) return only;
  // One that was decided just now is a better answer than "unknown": its decision can be shown.
  const last = asked.at(-1);
  if (last !== undefined) return last;
  throw problem("unknown_approval", `The job "${job_id}" waits for no approval.`);
}

export function unknownApproval(approval_id: string) {
  return problem(
    "unknown_approval",
    `There is no approval "${approval_id}"; \`televibe approvals\` lists those that wait.`,
  );
}
