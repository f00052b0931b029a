/** Owns "Start Bridge": a person's word, so it counts whatever the setting says. */
import { window } from "vscode";
import type { Command } from "./commandContext.ts";

export const startBridge: Command = async ({ store, startBridge: start }) => {
  if (store.status.state === "connected") {
    void window.showInformationMessage("The bridge is running, and this window is connected to it.");
    return;
  }
  start();
};
