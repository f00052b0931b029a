/** Owns "Approve…", which asks for how much where more than the one question is offered. */
import { APPROVE } from "../store/answer.ts";
import type { Command } from "./commandContext.ts";
import { pickApproval } from "./pickApproval.ts";

export const approve: Command = async ({ store, answer, choose }, argument) => {
  const approval_id = await pickApproval(store, argument, "Televibe: Approve");
  if (approval_id === undefined) return;
  const offers = store.state.approvals.get(approval_id)?.offers ?? [];
  if (offers.length === 0) await answer(approval_id, APPROVE);
  else await choose(approval_id, "approve");
};
