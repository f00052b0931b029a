/** Owns "Approve" on a row, which answers at once. */
import { APPROVE } from "../store/answer.ts";
import { readTarget } from "../store/target.ts";
import type { Command } from "./commandContext.ts";

export const approveItem: Command = async ({ answer }, argument) => {
  const approval_id = readTarget(argument)?.approval_id;
  if (approval_id !== undefined) await answer(approval_id, APPROVE);
};
