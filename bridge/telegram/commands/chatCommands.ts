/** Owns which commands there are, in the order of Telegram's list and of `/help`. One command a file. */

import { approvalsCommand } from "./approvals.ts";
import type { ChatCommand, CommandServices } from "./commandContext.ts";
import { helpCommand } from "./help.ts";
import { jobsCommand } from "./jobs.ts";
import { levelCommand } from "./level.ts";
import { muteCommand, unmuteCommand } from "./mute.ts";
import { statusCommand } from "./status.ts";
import { stopCommand, tailCommand } from "./tail.ts";
import { unpairCommand } from "./unpair.ts";
import { whoamiCommand } from "./whoami.ts";

export function chatCommands(services: CommandServices): readonly ChatCommand[] {
  const commands = [
    statusCommand(services),
    approvalsCommand(services),
    jobsCommand(services),
    tailCommand(services),
    stopCommand(services),
    levelCommand(services),
    muteCommand(services),
    unmuteCommand(services),
    whoamiCommand(),
    unpairCommand(services),
  ];
  return [...commands, helpCommand(commands)];
}
