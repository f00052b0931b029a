/** Owns how approvals are asked for and decided: the first decision wins, whatever comes after it. */
import type { EventOf } from "../events/event.ts";
import type { Approval, ApprovalState, Decision } from "../protocol/approval.ts";
import type { Draft } from "./draft.ts";
import type { Job } from "./state.ts";

type Needed = EventOf<"job.approval_needed">;
type Decided = EventOf<"job.approved"> | EventOf<"job.denied">;

/**
 * Adds the approval that an event asks for and answers its id. Asking again for a known one changes nothing; one of another
 * job is none of this job's, which could withdraw it by ending.
 */
export function requestApproval(draft: Draft, job: Job, event: Needed): string | undefined {
  const { data } = event;
  const approval_id = data.approval_id ?? event.event_id;
  const known = draft.approvals.get(approval_id);
  if (known !== undefined && known.job_id !== job.job_id) return undefined;
  if (known === undefined) {
    draft.approvals.put(approval_id, {
      approval_id,
      project_id: event.project_id,
      session_id: event.session_id,
      job_id: job.job_id,
      state: "pending",
      scope: data.scope,
      action: data.action,
      reason: data.reason ?? null,
      context: data.context ?? {},
      requested_at: event.timestamp,
      expires_at: data.expires_at === undefined ? null : new Date(data.expires_at).toISOString(),
      on_timeout: data.on_timeout ?? "deny",
      offers: (data.offers ?? []).map((offer) => ({ remember: offer.remember, text: offer.text })),
      visibility: event.visibility,
      recipients: event.recipients,
      decision: null,
      event_id: event.event_id,
    });
  }
  return approval_id;
}

/** Applies a decision, unless the approval has one. Without an `approval_id` it is for the job's only pending approval. */
export function decideApproval(draft: Draft, job: Job, event: Decided): void {
  const approval = approvalOf(draft, job, event.data.approval_id);
  if (approval?.state !== "pending") return;
  const { decided_by, surface, reason } = event.data;
  const by = decided_by === undefined ? null : actorOf(decided_by);
  const decision: Decision = {
    decided_at: event.timestamp,
    decided_by: by,
    surface: surface ?? null,
    reason: reason ?? null,
    remember: event.event_type === "job.approved" ? (event.data.remember ?? null) : null,
    event_id: event.event_id,
  };
  const state: ApprovalState = event.event_type === "job.approved" ? "approved" : (event.data.outcome ?? "denied");
  draft.approvals.put(approval.approval_id, { ...approval, state, decision });
}

/** A job that has ended waits for nothing: what it still asked is withdrawn. */
export function withdrawApprovals(draft: Draft, job: Job, event: { timestamp: string; event_id: string }): void {
  for (const id of job.approval_ids) {
    const approval = draft.approvals.get(id);
    if (approval?.state !== "pending") continue;
    const decision: Decision = {
      decided_at: event.timestamp,
      decided_by: null,
      surface: "producer",
      reason: "The job ended",
      remember: null,
      event_id: event.event_id,
    };
    draft.approvals.put(id, { ...approval, state: "withdrawn", decision });
  }
}

/** Whether an approval is decided; an unknown one has nothing to wait for either. */
export function isDecided(draft: Draft, approval_id: string): boolean {
  return draft.approvals.get(approval_id)?.state !== "pending";
}

function approvalOf(draft: Draft, job: Job, approval_id: string | undefined): Approval | undefined {
  if (approval_id !== undefined) {
    const approval = draft.approvals.get(approval_id);
    return approval?.job_id === job.job_id ? approval : undefined;
  }
  const pending = job.approval_ids.filter((id) => !isDecided(draft, id));
  const [only] = pending;
  return pending.length === 1 && only !== undefined ? draft.approvals.get(only) : undefined;
}

function actorOf({ name, id }: { name: string; id?: string | undefined }): { name: string; id?: string } {
  return id === undefined ? { name } : { name, id };
}
