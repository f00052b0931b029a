/** Owns what commands get to work with, and what a command is. Each has a file of its own. */
import type { State } from "../../../shared/state/state.ts";
import type { ApprovalService } from "../../http/services.ts";
import type { Clock } from "../api/clock.ts";
import type { TelegramUser } from "../api/incomingUpdate.ts";
import type { ApprovalCards } from "../approvals/approvalCards.ts";
import type { ChatRegistry } from "../chats/chatRegistry.ts";
import type { FormattedText } from "../outbox/outboxItem.ts";
import type { PairedChat } from "../record/telegramRecord.ts";
import type { Tails } from "../tail/tails.ts";

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

export interface CommandCall {
  /** Where it was written, and where the answer goes. */
  readonly chat: PairedChat;
  readonly from: TelegramUser;
  readonly words: readonly string[];
  /** The forum topic that it was written in. */
  readonly threadId: number | undefined;
}

/** What to answer; undefined where the command has answered by itself. */
export type CommandReply = string | FormattedText | undefined;

export interface ChatCommand {
  /** Without the slash. */
  readonly name: string;
  /** For the list that Telegram shows; at most 256 characters. */
  readonly description: string;
  run(call: CommandCall): CommandReply | Promise<CommandReply>;
}
