/** Owns "Show Approval": brings it into sight in the sidebar, or says how it was decided. */
import { window } from "vscode";
import { describeDecision } from "../../shared/protocol/approval.ts";
import { spellOut } from "../../shared/text/spellOut.ts";
import { withoutLinks } from "../text/untrusted.ts";
import type { Command } from "./commandContext.ts";
import { pickApproval } from "./pickApproval.ts";

export const showApproval: Command = async ({ store, revealApproval }, argument) => {
  const approval_id = await pickApproval(store, argument, "Televibe: Show Approval");
  if (approval_id === undefined || (await revealApproval(approval_id))) return;
  const approval = store.state.approvals.get(approval_id);
  const text =
    approval === undefined
      ? "This approval is not known any more."
      : `${describeDecision(approval)} — ${spellOut(approval.action)}`;
  void window.showInformationMessage(withoutLinks(text));
};
