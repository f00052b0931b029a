/** Owns telling that the bridge did not come up: once, when this window has given up, with a way to go on. */
import { commands, window } from "vscode";
import type { BridgeStartError } from "../../shared/client/startBridge.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { COMMANDS } from "../contributions.ts";
import { withoutLinks } from "../text/untrusted.ts";

const MAX_REASON_LENGTH = 300;

export async function tellStartFailure(error: BridgeStartError): Promise<void> {
  const text = withoutLinks(`Televibe: ${oneLine(error.message, MAX_REASON_LENGTH)}`);
  const choice = await window.showErrorMessage(text, "Try Again", "Show Bridge Log");
  if (choice === "Try Again") await commands.executeCommand(COMMANDS.startBridge);
  else if (choice === "Show Bridge Log") await commands.executeCommand(COMMANDS.showBridgeLog);
}
