/** Payloads of `task.*`: an entry of a project's backlog. */
import { identifier } from "./identifier.ts";
import { payload, requiredText, stateName, text } from "./payload.ts";

const task = { task_id: identifier };

export const taskPayloads = {
  /** New task in backlog. */
  "task.created": payload({
    ...task,
    title: requiredText,
    description: text.optional(),
    priority: text.optional(),
  }),
  /** Task assigned to session: the event's own, unless `claimed_by` names another. */
  "task.claimed": payload({ ...task, claimed_by: identifier.optional() }),
  /** Status transition. */
  "task.status_changed": payload({ ...task, from: stateName.optional(), to: stateName }),
  /** Task done. */
  "task.completed": payload({ ...task, summary: text.optional() }),
};
