/** Owns turning a person's answer into the event that carries it. */
import type { Event, EventSource } from "../../shared/events/event.ts";
import type { Refusal } from "../../shared/events/job.ts";
import type { Approval, DecisionRequest } from "../../shared/protocol/approval.ts";

/** An answer, or the one that time gives. */
export type Answer = Omit<DecisionRequest, "decision"> & { readonly decision: DecisionRequest["decision"] | "expire" };

const OUTCOMES: Readonly<Record<Exclude<Answer["decision"], "approve">, Refusal>> = {
  deny: "denied",
  withdraw: "withdrawn",
  expire: "expired",
};

/** Who may see the question may see the answer: visibility and recipients are the approval's. */
export function decisionEvent(
  approval: Approval,
  answer: Answer,
  stamp: { readonly event_id: string; readonly timestamp: string; readonly source: EventSource },
): Event {
  const { decided_by, surface, reason, remember } = answer;
  const data = {
    approval_id: approval.approval_id,
    ...(decided_by === undefined ? {} : { decided_by }),
    surface: surface ?? "api",
    ...(reason === undefined ? {} : { reason }),
  };
  const envelope = {
    ...stamp,
    project_id: approval.project_id,
    session_id: approval.session_id,
    job_id: approval.job_id,
    visibility: approval.visibility,
    recipients: approval.recipients,
  };
  // Nobody answered, and its asker had said what that means.
  const decision = answer.decision === "expire" && approval.on_timeout === "approve" ? "approve" : answer.decision;
  return decision === "approve"
    ? { ...envelope, event_type: "job.approved", data: { ...data, ...(remember === undefined ? {} : { remember }) } }
    : { ...envelope, event_type: "job.denied", data: { ...data, outcome: OUTCOMES[decision] } };
}
