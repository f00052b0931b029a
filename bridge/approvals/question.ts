/** Owns which events are questions, and that an `approval_id` stands for one question alone: an answer is to what was read. */
import { isDeepStrictEqual } from "node:util";
import type { Event, EventOf } from "../../shared/events/event.ts";
import { isKnownEvent } from "../../shared/events/known.ts";
import { type ProblemError, problem } from "../../shared/protocol/problem.ts";
import type { State } from "../../shared/state/state.ts";

export type QuestionEvent = EventOf<"job.approval_needed">;

export function isQuestion(event: Event): event is QuestionEvent {
  return isKnownEvent(event) && event.event_type === "job.approval_needed";
}

/**
 * Asking the same again, since the answer to the first time got lost, is fine. Under the id of another question it would be
 * answered by what people said to that one, perhaps long before: the problem for which it is refused.
 */
export function judgeQuestion(state: State, { event_id, job_id, data }: QuestionEvent): ProblemError | undefined {
  const approval_id = data.approval_id ?? event_id;
  const known = state.approvals.get(approval_id);
  if (known === undefined) return undefined;
  const { scope, action, reason, context } = known;
  const asked = { scope: data.scope, action: data.action, reason: data.reason ?? null, context: data.context ?? {} };
  if (known.job_id === job_id && isDeepStrictEqual(asked, { scope, action, reason, context })) return undefined;
  return problem(
    "approval_id_conflict",
    `The approval_id "${approval_id}" is that of another question, of the job "${known.job_id}". Choose a new one for each.`,
  );
}
