/**
 * Owns everything that is sent to Telegram's chats: the one sender for the whole bridge, since edits, sends and deletions of
 * a chat share one budget and nobody else could keep it.
 *
 * A message whose answer was lost on the way is sent again: it may then be there twice, but never not at all.
 */
import { type Clock, systemClock } from "../api/clock.ts";
import type { TelegramApiError } from "../api/telegramApiError.ts";
import type { InlineKeyboard } from "../api/telegramMethods.ts";
import type { TelegramPort } from "../api/telegramPort.ts";
import { answerCallback, type CallbackAnswer } from "./callbackAnswer.ts";
import { DeliveryQueue, type OutboxOptions, type OutboxStatus } from "./deliveryQueue.ts";
import { OutboxError } from "./outboxError.ts";
import type { DeliveryOptions, FormattedText, MessageContent } from "./outboxItem.ts";
import type { Priority } from "./priority.ts";
import type { ChangeOutcome, Outcome } from "./receipts.ts";
import { keepStart, splitText } from "./splitText.ts";

export interface SendOptions extends DeliveryOptions {
  readonly priority: Priority;
}

export interface SentMessage {
  /** Differs from the id that was asked for once a group has become a supergroup. */
  readonly chatId: number;
  /** Of the last part, which carries the buttons. */
  readonly messageId: number;
  /** Of all parts, where the text was too long for one message. */
  readonly partIds: readonly number[];
}

/** Which message to change, and how urgent the change is. */
export interface MessageTarget {
  readonly chatId: number;
  readonly messageId: number;
  readonly priority: Priority;
}

export class Outbox {
  readonly #queue: DeliveryQueue;
  readonly #port: TelegramPort;
  readonly #clock: Clock;

  constructor(options: OutboxOptions) {
    this.#queue = new DeliveryQueue(options);
    this.#port = options.port;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Sends a message; a text that is too long becomes several, with the buttons under the last.
   *
   * @throws TelegramApiError what Telegram refused for good; OutboxError what was given up.
   */
  async send(chatId: number, content: MessageContent, { priority, ...delivery }: SendOptions): Promise<SentMessage> {
    const parts = splitText(content);
    if (parts.length === 0) throw new OutboxError("blank");
    const sent = parts.map((part, index) => {
      const last = index === parts.length - 1;
      return this.#queue.add(chatId, priority, {
        kind: "send",
        content: last ? { ...part, keyboard: content.keyboard } : part,
        // Only the first of several makes a sound.
        delivery: index === 0 ? delivery : { ...delivery, silent: true },
      });
    });
    return sentMessage(await Promise.all(sent));
  }

  /** Sends a text as a file, for what is too long to read in a chat. @throws as `send`. */
  async sendDocument(
    chatId: number,
    document: { readonly fileName: string; readonly text: string; readonly caption?: FormattedText },
    { priority, ...delivery }: SendOptions,
  ): Promise<SentMessage> {
    const { fileName, text, caption } = document;
    return sentMessage([
      await this.#queue.add(chatId, priority, { kind: "document", fileName, text, caption, delivery }),
    ]);
  }

  /** Changes a message's text and buttons; of several changes that wait only the latest is made. A text too long is cut. @throws as `send`. */
  async edit({ chatId, messageId, priority }: MessageTarget, content: MessageContent): Promise<ChangeOutcome> {
    const fitting = { ...keepStart(content), keyboard: content.keyboard };
    return (await this.#queue.add(chatId, priority, { kind: "edit", messageId, content: fitting })).change;
  }

  /** Changes a message's buttons alone, or removes them. @throws as `send`. */
  async editKeyboard(target: MessageTarget, keyboard: InlineKeyboard | undefined): Promise<ChangeOutcome> {
    const { chatId, messageId, priority } = target;
    return (await this.#queue.add(chatId, priority, { kind: "editKeyboard", messageId, keyboard })).change;
  }

  /** `unchanged` where the message was gone already. @throws as `send`. */
  async delete({ chatId, messageId, priority }: MessageTarget): Promise<ChangeOutcome> {
    return (await this.#queue.add(chatId, priority, { kind: "delete", messageId })).change;
  }

  /** Answers a press at once, past all queues. @throws TelegramApiError */
  async answerCallback(answer: CallbackAnswer): Promise<"answered" | "expired"> {
    return this.#queue.track(answerCallback(this.#port, this.#clock, answer, this.#queue.signal));
  }

  /** A group became a supergroup, as an update told: what waits for it is readdressed. */
  migrateChat(fromChatId: number, toChatId: number): void {
    this.#queue.migrateChat(fromChatId, toChatId);
  }

  /** Gives up all that waits for a chat, for one that was unpaired. */
  forgetChat(chatId: number): void {
    this.#queue.forgetChat(chatId);
  }

  /** Telegram will not deliver to a chat any more: blocked, removed, or gone. */
  onDidLoseChat(listener: (lost: { chatId: number; error: TelegramApiError }) => void): Disposable {
    return this.#queue.lostChat.add(listener);
  }

  onDidMigrateChat(listener: (moved: { fromChatId: number; toChatId: number }) => void): Disposable {
    return this.#queue.migratedChat.add(listener);
  }

  /** Telegram answered 429 and the chat is quiet for so long. */
  onDidCoolOff(listener: (pause: { chatId: number; retryAfterMs: number }) => void): Disposable {
    return this.#queue.cooledOff.add(listener);
  }

  get status(): OutboxStatus {
    return this.#queue.status;
  }

  /**
   * Takes nothing more, gives up what waits, and waits for what is being sent, so long as that is not too long.
   *
   * @param patienceMs after which a call under way is broken off.
   */
  async stop(patienceMs = 3_000): Promise<void> {
    await this.#queue.stop(patienceMs);
  }
}

function sentMessage(parts: readonly Outcome[]): SentMessage {
  const last = parts.at(-1);
  if (last === undefined) throw new OutboxError("blank");
  return { chatId: last.chatId, messageId: last.messageId, partIds: parts.map(({ messageId }) => messageId) };
}
