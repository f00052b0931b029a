/** Owns what a call of a hook must look like. What is in the input is the agent's own, and read with care elsewhere. */
import * as z from "zod";
import { eventIdentifier } from "../../shared/events/identifier.ts";
import { timestamp } from "../../shared/events/payload.ts";
import { MAX_HOOK_INPUT_DEPTH } from "../../shared/protocol/agentHook.ts";
import { isDeeperThan } from "../../shared/protocol/depth.ts";

export const hookCall = z.strictObject({
  hook_id: eventIdentifier,
  at: timestamp,
  input: z
    .record(z.string(), z.unknown(), "must be an object: what the agent wrote to the hook")
    .refine(
      (input) => !isDeeperThan(input, MAX_HOOK_INPUT_DEPTH),
      `must not be nested deeper than ${MAX_HOOK_INPUT_DEPTH} levels`,
    ),
});
