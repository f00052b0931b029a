/** Owns "Approve…". */
import type { Command } from "./commandContext.ts";
import { pickApproval } from "./pickApproval.ts";

export const approve: Command = async ({ store, answer }, argument) => {
  const approval_id = await pickApproval(store, argument, "Televibe: Approve");
  if (approval_id !== undefined) await answer(approval_id, "approve");
};
