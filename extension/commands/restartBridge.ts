/** Owns "Restart Bridge", for one that is of another version or behaves badly. All windows and jobs share it. */
import { window } from "vscode";
import type { Command } from "./commandContext.ts";

export const restartBridge: Command = async ({ restartBridge: restart }) => {
  const choice = await window.showWarningMessage(
    "Restart the bridge?",
    {
      modal: true,
      detail: "Jobs go on, and what they report in the meantime is not lost. Every window connects again by itself.",
    },
    "Restart",
  );
  if (choice === "Restart") await restart();
};
