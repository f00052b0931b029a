/** Owns "Deny…", which asks for a reason: whoever asked is told it, and an agent can act on it. */
import { window } from "vscode";
import type { Command } from "./commandContext.ts";
import { pickApproval } from "./pickApproval.ts";

export const deny: Command = async ({ store, answer }, argument) => {
  const approval_id = await pickApproval(store, argument, "Televibe: Deny");
  if (approval_id === undefined) return;
  const reason = await window.showInputBox({
    title: "Televibe: Deny",
    prompt: "Why? Whoever asked is told it. Leave it empty to give no reason.",
    placeHolder: "Reason (optional)",
  });
  // Escape takes the whole answer back; an empty reason does not.
  if (reason !== undefined) await answer(approval_id, "deny", reason.trim());
};
