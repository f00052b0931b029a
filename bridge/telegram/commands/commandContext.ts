/** Owns what a command gets to work with. One command a file. */
import type { TelegramUser } from "../api/incomingUpdate.ts";
import type { FormattedText } from "../outbox/outboxItem.ts";
import type { PairedChat } from "../record/telegramRecord.ts";

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
