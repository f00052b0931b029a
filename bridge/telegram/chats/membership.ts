/** Owns whether a paired chat can be reached: blocked and unblocked, removed and taken back, moved to another id. */
import type { Logger } from "../../diagnostics/logger.ts";
import type { MembershipChange } from "../api/incomingUpdate.ts";
import type { TelegramApiError } from "../api/telegramApiError.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { ChatRegistry } from "./chatRegistry.ts";

export interface MembershipOptions {
  readonly registry: ChatRegistry;
  readonly outbox: Pick<Outbox, "onDidLoseChat" | "onDidMigrateChat" | "forgetChat">;
  /** A chat can be told things again, or goes by another id. */
  readonly onDidReturn: () => void;
  readonly log: Logger;
}

export class Membership {
  readonly #options: MembershipOptions;
  #subscriptions: readonly Disposable[] = [];

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  start(): void {
    const { outbox } = this.#options;
    this.#subscriptions = [
      outbox.onDidLoseChat(({ chatId, error }) => this.#lost(chatId, whyLost(error))),
      outbox.onDidMigrateChat(({ fromChatId, toChatId }) => this.#moved(fromChatId, toChatId)),
    ];
  }

  stop(): void {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
  }

  /** Telegram says that the bot was blocked, unblocked, added or removed. */
  async changed({ chat, new_chat_member }: MembershipChange): Promise<void> {
    const isGone = new_chat_member.status === "left" || new_chat_member.status === "kicked";
    if (!isGone) return this.heard(chat.id);
    this.#options.outbox.forgetChat(chat.id);
    this.#lost(chat.id, chat.type === "private" ? "the bot was blocked" : "the bot was removed");
  }

  /** Something came from a chat, so it can be reached. */
  async heard(chatId: number): Promise<void> {
    const { registry, onDidReturn, log } = this.#options;
    const chat = registry.chat(chatId);
    if (chat === undefined || chat.lost === null) return;
    await registry.setLost(chat.id, undefined);
    log.info("A Telegram chat can be reached again", { chat: chat.id });
    onDidReturn();
  }

  #lost(chatId: number, why: string): void {
    const { registry, log } = this.#options;
    const chat = registry.chat(chatId);
    if (chat === undefined || chat.lost !== null) return;
    void registry.setLost(chat.id, why);
    log.warn("A Telegram chat cannot be reached any more", { chat: chat.id, why });
  }

  #moved(fromChatId: number, toChatId: number): void {
    const { registry, onDidReturn, log } = this.#options;
    if (registry.chat(fromChatId) === undefined) return;
    void registry.migrate(fromChatId, toChatId);
    log.info("A Telegram group has another id now", { from: fromChatId, to: toChatId });
    onDidReturn();
  }
}

function whyLost({ failure }: TelegramApiError): string {
  if (failure.code !== "forbidden") return "Telegram does not know the chat any more";
  switch (failure.reason) {
    case "blocked":
      return "the bot was blocked";
    case "deactivated":
      return "the account was deleted";
    case "removed":
      return "the bot was removed";
    case "neverStarted":
      return "the chat was never started";
    case "noRights":
      return "the bot may not write there";
    case "other":
      return "Telegram refuses to deliver";
  }
}
