/** Payloads of `orchestrator.*`: the process that hands out work. */
import { count, payload, requiredText, text } from "./payload.ts";

export const orchestratorPayloads = {
  /** Orchestrator process started. */
  "orchestrator.started": payload({ version: text.optional(), pid: count.optional() }),
  /** Orchestrator shutting down. */
  "orchestrator.stopped": payload({ reason: text.optional() }),
  /** Orchestrator-level error. */
  "orchestrator.error": payload({ error: requiredText, code: text.optional() }),
};
