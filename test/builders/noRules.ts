/** The rules of a bridge for which nobody has written any. */
import { createLogger } from "../../bridge/diagnostics/logger.ts";
import { Rules } from "../../bridge/rules/rules.ts";
import { EMPTY_STATE } from "../../shared/state/state.ts";

export const NO_RULES: Rules = new Rules({
  file: {
    read: () => Promise.resolve({ file: "rules.json", rules: [], timeouts: [], problem: null }),
    add: () => Promise.reject(new Error("This bridge has no file for rules")),
    remove: () => Promise.resolve(false),
  },
  source: { component: "bridge", instance_id: "test" },
  surroundings: { home: "/nobody", dataDir: "/nobody/.televibe" },
  state: () => EMPTY_STATE,
  nowMs: Date.now,
  log: createLogger({ write: () => undefined, nowMs: Date.now }),
});
