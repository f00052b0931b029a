/** Owns which commands there are, in the order of Telegram's list and of `/help`. One command a file. */

import type { State } from "../../../shared/state/state.ts";
import type { ApprovalService } from "../../http/services.ts";
import type { Clock } from "../api/clock.ts";
import type { ApprovalCards } from "../approvals/approvalCards.ts";
import type { ChatRegistry } from "../chats/chatRegistry.ts";
import type { Tails } from "../tail/tails.ts";
import { approvalsCommand } from "./approvals.ts";
import type { ChatCommand } from "./commandContext.ts";
import { helpCommand } from "./help.ts";
import { jobsCommand } from "./jobs.ts";
import { levelCommand } from "./level.ts";
import { muteCommand, unmuteCommand } from "./mute.ts";
import { statusCommand } from "./status.ts";
import { stopCommand, tailCommand } from "./tail.ts";
import { unpairCommand } from "./unpair.ts";
import { whoamiCommand } from "./whoami.ts";

/** What commands need of the rest. */
export interface CommandServices {
  readonly registry: ChatRegistry;
  readonly approvals: Pick<ApprovalService, "list">;
  readonly cards: Pick<ApprovalCards, "showAgain">;
  readonly projection: { readonly state: State };
  readonly tails: Pick<Tails, "begin" | "end">;
  /** What is wrong now and concerns whoever waits for something. */
  readonly warnings: () => readonly string[];
  readonly clock: Clock;
  /** Undoes the pairing of a chat. */
  readonly unpair: (chatId: number) => Promise<boolean>;
  /** A chat is told more than before: what waits may have to be sent there. */
  readonly reconcile: () => void;
}

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
