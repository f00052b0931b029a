/** Owns the table of all commands, and what becomes of one that fails. */
import { commands, window } from "vscode";
import { describeError } from "../../shared/client/bridgeUnreachableError.ts";
import { COMMANDS } from "../contributions.ts";
import { Lifetime } from "../lifecycle.ts";
import { withoutLinks } from "../text/untrusted.ts";
import { approve } from "./approve.ts";
import { approveItem } from "./approveItem.ts";
import { approveMore } from "./approveMore.ts";
import { cancelJob } from "./cancelJob.ts";
import type { Command, CommandContext } from "./commandContext.ts";
import { copyId } from "./copyId.ts";
import { deny } from "./deny.ts";
import { denyItem } from "./denyItem.ts";
import { editRules } from "./editRules.ts";
import { reconnect } from "./reconnect.ts";
import { replaySession } from "./replaySession.ts";
import { restartBridge } from "./restartBridge.ts";
import { reviewApprovals } from "./reviewApprovals.ts";
import { showApproval } from "./showApproval.ts";
import { showBridgeLog } from "./showBridgeLog.ts";
import { showStatus } from "./showStatus.ts";
import { startBridge } from "./startBridge.ts";
import { tailJobLog } from "./tailJobLog.ts";

const TABLE: Readonly<Record<keyof typeof COMMANDS, Command>> = {
  approve,
  deny,
  approveItem,
  denyItem,
  approveMore,
  reviewApprovals,
  showApproval,
  tailJobLog,
  cancelJob,
  replaySession,
  copyId,
  startBridge,
  restartBridge,
  reconnect,
  showBridgeLog,
  showStatus,
  editRules,
};

export class Commands extends Lifetime {
  constructor(context: CommandContext, onError: (error: unknown) => void) {
    super();
    for (const name of Object.keys(TABLE).filter(isCommandName)) {
      this._register(
        commands.registerCommand(COMMANDS[name], async (argument: unknown) => {
          try {
            await TABLE[name](context, argument);
          } catch (error) {
            onError(error);
            void window.showErrorMessage(withoutLinks(`Televibe: ${describeError(error)}`));
          }
        }),
      );
    }
  }
}

function isCommandName(name: string): name is keyof typeof COMMANDS {
  return Object.hasOwn(COMMANDS, name);
}
