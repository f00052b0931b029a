/** Payloads of `coordination.*`: what sessions tell each other. */
import * as z from "zod";
import { identifier } from "./identifier.ts";
import { paths, payload, requiredText, text } from "./payload.ts";

export const coordinationPayloads = {
  /** Cross-session message. */
  "coordination.message_sent": payload({
    from_session: identifier.optional(),
    to_session: identifier.optional(),
    message: requiredText,
  }),
  /** Interface exported. */
  "coordination.export_declared": payload({
    name: requiredText,
    kind: text.optional(),
    file: text.optional(),
    signature: text.optional(),
  }),
  /** Git conflict found. */
  "coordination.conflict_detected": payload({
    files: paths,
    sessions: z.array(identifier).optional(),
    description: text.optional(),
  }),
  /** All sessions ready. */
  "coordination.sync_point_reached": payload({ name: requiredText, sessions: z.array(identifier).optional() }),
};
