/** Owns what people write to the bot: whose words count, which command is meant, and that each gets one answer. */
import type { Logger } from "../../diagnostics/logger.ts";
import type { TelegramMessage, TelegramUser } from "../api/incomingUpdate.ts";
import type { ChatRegistry } from "../chats/chatRegistry.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { FormattedText } from "../outbox/outboxItem.ts";
import { Pairing, type PairingOutcome } from "../pairing/pairing.ts";
import { type Command, parseCommand } from "./command.ts";
import type { ChatCommand } from "./commandContext.ts";

export interface CommandRouterOptions {
  readonly commands: readonly ChatCommand[];
  readonly pairing: Pairing;
  readonly registry: ChatRegistry;
  readonly outbox: Pick<Outbox, "send">;
  /** The bot's name, once it is known. */
  readonly botName: () => string | undefined;
  /** A chat was added: it is to be told what waits. */
  readonly onDidPair: () => void;
  readonly log: Logger;
}

const NOT_LINKED = "This group is not linked. /link has it told what happens.";
const HINT = "I understand commands only. /help lists them.";

export class CommandRouter {
  readonly #options: CommandRouterOptions;

  constructor(options: CommandRouterOptions) {
    this.#options = options;
  }

  async handle(message: TelegramMessage): Promise<void> {
    const { from, text, chat } = message;
    if (from === undefined || text === undefined) return;
    const command = parseCommand(text, this.#options.botName());
    if (command !== undefined && Pairing.isAbout(command)) {
      await this.#concludePairing(message, await this.#options.pairing.handle(command, message, from));
    } else if (this.#counts(message, from)) {
      const reply = await this.#run(command, message, from);
      if (reply !== undefined) await this.#reply(message, reply);
    } else if (command !== undefined || chat.type === "private") {
      await this.#concludePairing(message, this.#refuse(message, from));
    }
  }

  /** Somebody who is paired, in a chat that is. */
  #counts({ chat }: TelegramMessage, from: TelegramUser): boolean {
    const { registry } = this.#options;
    return !from.is_bot && registry.isPaired(from.id) && registry.chat(chat.id) !== undefined;
  }

  #refuse(message: TelegramMessage, from: TelegramUser): PairingOutcome {
    const { pairing, registry } = this.#options;
    if (message.chat.type !== "private") {
      if (registry.chat(message.chat.id) !== undefined) return pairing.answerAnonymous(from);
      if (registry.isPaired(from.id)) return { reply: NOT_LINKED, added: false };
    }
    return pairing.answerStranger(message, from);
  }

  async #run(command: Command | undefined, message: TelegramMessage, from: TelegramUser) {
    const chat = this.#options.registry.chat(message.chat.id);
    if (chat === undefined) return undefined;
    // In a group people talk to each other; only what is plainly meant for the bot is answered.
    const isPrivate = message.chat.type === "private";
    if (command === undefined) return isPrivate ? HINT : undefined;
    const known = this.#options.commands.find(({ name }) => name === command.name);
    if (known === undefined) return isPrivate ? `I do not know /${command.name}. /help lists what I do.` : undefined;
    const threadId = message.is_topic_message === true ? message.message_thread_id : undefined;
    return known.run({ chat, from, words: command.words, threadId });
  }

  async #concludePairing(message: TelegramMessage, { reply, added }: PairingOutcome): Promise<void> {
    if (reply !== undefined) await this.#reply(message, reply);
    if (added) this.#options.onDidPair();
  }

  async #reply(message: TelegramMessage, reply: string | FormattedText): Promise<void> {
    const content = typeof reply === "string" ? { text: reply } : reply;
    const threadId = message.is_topic_message === true ? message.message_thread_id : undefined;
    const isGroup = message.chat.type !== "private";
    await this.#options.outbox.send(message.chat.id, content, {
      priority: "reply",
      threadId,
      ...(isGroup ? { replyToMessageId: message.message_id } : {}),
    });
  }
}
