/** Owns what a call of a hook must look like. What is in the input is the agent's own, and read with care elsewhere. */
import * as z from "zod";
import { eventIdentifier } from "../../shared/events/identifier.ts";
import { timestamp } from "../../shared/events/payload.ts";
import { isDeeperThan } from "../http/depth.ts";

/** No agent nests its input deeper, and writing it as JSON again would run out of stack. */
const MAX_INPUT_DEPTH = 500;

export const hookCall = z.strictObject({
  hook_id: eventIdentifier,
  at: timestamp,
  input: z
    .record(z.string(), z.unknown(), "must be an object: what the agent wrote to the hook")
    .refine(
      (input) => !isDeeperThan(input, MAX_INPUT_DEPTH),
      `must not be nested deeper than ${MAX_INPUT_DEPTH} levels`,
    ),
});
