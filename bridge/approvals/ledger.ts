/**
 * Owns the last word on decisions: it judges each event in the moment in which it gets its place in the order, so that of
 * two answers that come at once one is refused before anything is written of it. It runs ahead of the projection by what
 * is on its way to the disk, and uses the same reducer, so the two cannot come to different decisions.
 */
import type { Event } from "../../shared/events/event.ts";
import { type Approval, describeDecision } from "../../shared/protocol/approval.ts";
import { ProblemError, problem } from "../../shared/protocol/problem.ts";
import { reduce } from "../../shared/state/reduce.ts";
import { EMPTY_STATE, type State } from "../../shared/state/state.ts";
import { type DecisionEvent, decisionTarget, isDecision, unknownApproval, withApprovalId } from "./decisionTarget.ts";
import { isQuestion, judgeQuestion } from "./question.ts";

/** What bears on whether an approval waits; everything else passes. */
const RELEVANT: ReadonlySet<string> = new Set([
  "job.approval_needed",
  "job.approved",
  "job.denied",
  "job.completed",
  "job.failed",
  "job.canceled",
  "project.removed",
]);

export class ApprovalLedger {
  #state: State = EMPTY_STATE;

  /** Judges an event and, unless it is refused, takes it in. An `Admission` of the store. */
  readonly admit = (event: Event): ProblemError | undefined => {
    const refusal = this.judge(event);
    if (refusal === undefined) this.note(event);
    return refusal;
  };

  /** The problem for which a question or a decision is refused, judged on all that was taken in so far. */
  judge(event: Event): ProblemError | undefined {
    if (isQuestion(event)) return judgeQuestion(this.#state, event);
    if (!isDecision(event)) return undefined;
    try {
      const approval = decisionTarget(this.#state, event);
      // Published again, since its answer got lost, it is the one decision and no second: the store knows its event_id.
      // Under an id that is another question's, what was asked must not decide what somebody else has read.
      const { question } = event.data.rule ?? {};
      if (question !== undefined && question !== approval.event_id) return unknownApproval(approval.approval_id);
      const isNew = approval.decision?.event_id !== event.event_id;
      return approval.state !== "pending" && isNew ? alreadyDecided(approval) : undefined;
    } catch (error) {
      if (error instanceof ProblemError) return error;
      throw error;
    }
  }

  /**
   * A decision with the `approval_id` that it can only mean, judged on all that was taken in so far.
   *
   * @throws ProblemError `unknown_approval` when it cannot be told.
   */
  resolve(event: DecisionEvent): DecisionEvent {
    return withApprovalId(this.#state, event);
  }

  /** Takes an event in that is going to be stored, or was stored already. */
  note(event: Event): void {
    if (!RELEVANT.has(event.event_type)) return;
    // Its real seq is not known yet; the reducer only asks that numbers grow.
    this.#state = reduce(this.#state, [{ ...event, seq: this.#state.seq + 1 }]).state;
  }

  /** Begins anew from what is stored: at the start, and when something taken in could not be stored after all. */
  reset(state: State): void {
    this.#state = state;
  }
}

/** The answer to a decision that came too late: what was decided, by whom and where. */
export function alreadyDecided(approval: Approval): ProblemError {
  return problem("already_decided", `${describeDecision(approval)}. This answer came too late and changes nothing.`, {
    context: { approval },
  });
}
