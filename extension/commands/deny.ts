/** Owns "Deny…", which asks for a reason. */
import type { Command } from "./commandContext.ts";
import { pickApproval } from "./pickApproval.ts";

export const deny: Command = async ({ store, denyWithReason }, argument) => {
  const approval_id = await pickApproval(store, argument, "Televibe: Deny");
  if (approval_id !== undefined) await denyWithReason(approval_id);
};
