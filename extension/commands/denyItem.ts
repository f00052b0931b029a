/** Owns "Deny" on a row, which answers at once and without a reason. */
import { DENY } from "../store/answer.ts";
import { readTarget } from "../store/target.ts";
import type { Command } from "./commandContext.ts";

export const denyItem: Command = async ({ answer }, argument) => {
  const approval_id = readTarget(argument)?.approval_id;
  if (approval_id !== undefined) await answer(approval_id, DENY);
};
