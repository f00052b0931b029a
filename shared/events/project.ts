/** Payloads of `project.*`: a repository or folder that work happens in. */
import { count, payload, seconds, text } from "./payload.ts";

export const projectPayloads = {
  /** New project added. */
  "project.registered": payload({ name: text.optional(), path: text.optional(), repository: text.optional() }),
  /** Project unregistered. */
  "project.removed": payload({ reason: text.optional() }),
  /** Scan completed. */
  "project.scanned": payload({
    summary: text.optional(),
    files: count.optional(),
    tasks: count.optional(),
    duration_seconds: seconds.optional(),
  }),
};
