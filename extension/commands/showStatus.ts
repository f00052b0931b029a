/** Owns "Show Status", which the status bar item opens: how things stand, and what can be done. */
import { commands, window } from "vscode";
import { pendingApprovals } from "../store/selectors.ts";
import type { Command } from "./commandContext.ts";
import { statusMenu } from "./statusMenu.ts";

export const showStatus: Command = async ({ store }) => {
  await store.refreshHealth();
  const { status, health, state } = store;
  const facts = { status, health, pendingCount: pendingApprovals(state).length, jobCount: state.jobs.size };
  const picked = await window.showQuickPick([...statusMenu(facts)], {
    title: "Televibe",
    placeHolder: "How things stand, and what can be done",
  });
  if (picked?.command !== undefined) await commands.executeCommand(picked.command);
};
