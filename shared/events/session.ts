/** Payloads of `session.*`: one line of work in a project, usually a branch or worktree. */
import { payload, requiredText, stateName, text } from "./payload.ts";

export const sessionPayloads = {
  /** Session created. */
  "session.created": payload({
    name: text.optional(),
    branch: text.optional(),
    workspace: text.optional(),
    agent: text.optional(),
  }),
  /** Such as idle to running. */
  "session.state_changed": payload({ from: stateName.optional(), to: stateName }),
  /** Worktree set up. */
  "session.workspace_ready": payload({ workspace: requiredText, branch: text.optional() }),
  /** Session closed. */
  "session.closed": payload({ reason: text.optional() }),
  /** Session-level error. */
  "session.error": payload({ error: requiredText }),
};
