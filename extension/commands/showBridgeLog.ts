/** Owns "Show Bridge Log": the file that a bridge in the background writes to. */
import { stat } from "node:fs/promises";
import { Uri, window, workspace } from "vscode";
import type { Command } from "./commandContext.ts";

export const showBridgeLog: Command = async ({ bridgeLogFile }) => {
  const file = bridgeLogFile();
  try {
    await stat(file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    void window.showInformationMessage(`There is no log at ${file}: no bridge was started in the background here.`);
    return;
  }
  await window.showTextDocument(await workspace.openTextDocument(Uri.file(file)), { preview: true });
};
