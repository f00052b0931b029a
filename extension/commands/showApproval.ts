/** Owns "Show Approval": brings it into sight in the sidebar with all that it asks for, or says how it was decided. */
import { window } from "vscode";
import { goneSentence } from "../text/approvalText.ts";
import { withoutLinks } from "../text/untrusted.ts";
import type { Command } from "./commandContext.ts";
import { pickApproval } from "./pickApproval.ts";

export const showApproval: Command = async ({ store, revealApproval, openQuestion }, argument) => {
  const approval_id = await pickApproval(store, argument, "Televibe: Show Approval");
  if (approval_id === undefined) return;
  if (await revealApproval(approval_id)) return openQuestion(approval_id);
  void window.showInformationMessage(withoutLinks(goneSentence(store.state.approvals.get(approval_id))));
};
