/** Owns "Approve for…": all that an approval can be answered with. */
import type { Command } from "./commandContext.ts";
import { pickApproval } from "./pickApproval.ts";

export const approveMore: Command = async ({ store, choose }, argument) => {
  const approval_id = await pickApproval(store, argument, "Televibe: Approve for");
  if (approval_id !== undefined) await choose(approval_id, "everything");
};
