/** Owns which message asks for which approval: the cards in `telegram.json`, and what changes them. */
import type { Clock } from "../api/clock.ts";
import type { TelegramFile } from "../record/telegramFile.ts";
import type { ApprovalCard } from "../record/telegramRecord.ts";
import { newCardKey } from "./buttonData.ts";

/** Presses on a card that was closed this long ago are told that its button is not known any more. */
const CLOSED_CARD_LIFETIME_MS = 7 * 24 * 3_600_000;
const MAX_CLOSED_CARDS = 500;

export class CardBook {
  readonly #file: TelegramFile;
  readonly #clock: Clock;

  constructor(file: TelegramFile, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
  }

  get cards(): readonly ApprovalCard[] {
    return this.#file.record.cards;
  }

  byKey(key: string): ApprovalCard | undefined {
    return this.cards.find((card) => card.key === key);
  }

  /** The card by which a chat is asked. */
  of(approvalId: string, chatId: number): ApprovalCard | undefined {
    return this.cards.find((card) => card.approval_id === approvalId && card.chat_id === chatId);
  }

  /** Adds cards. They are on disk when this resolves, and only then may their buttons be shown to anybody. */
  async add(wanted: readonly { readonly approvalId: string; readonly chatId: number }[]): Promise<void> {
    if (wanted.length === 0) return;
    const added = wanted.map(({ approvalId, chatId }) => ({
      key: newCardKey(),
      approval_id: approvalId,
      chat_id: chatId,
      message_ids: [],
      closed_at: null,
    }));
    await this.#file.update((record) => ({ ...record, cards: [...this.#worthKeeping(record.cards), ...added] }));
  }

  addMessage(key: string, messageId: number): Promise<void> {
    return this.#change(key, (card) =>
      card.message_ids.includes(messageId) ? card : { ...card, message_ids: [...card.message_ids, messageId] },
    );
  }

  removeMessage(key: string, messageId: number): Promise<void> {
    return this.#change(key, (card) => ({
      ...card,
      message_ids: card.message_ids.filter((other) => other !== messageId),
    }));
  }

  close(key: string): Promise<void> {
    const closed_at = new Date(this.#clock.dateMs()).toISOString();
    return this.#change(key, (card) => (card.closed_at === null ? { ...card, closed_at } : card));
  }

  remove(key: string): Promise<void> {
    return this.#file.update((record) => ({ ...record, cards: record.cards.filter((card) => card.key !== key) }));
  }

  #change(key: string, change: (card: ApprovalCard) => ApprovalCard): Promise<void> {
    const before = this.byKey(key);
    if (before === undefined) return Promise.resolve();
    const after = change(before);
    if (after === before) return Promise.resolve();
    return this.#file.update((record) => ({
      ...record,
      cards: record.cards.map((card) => (card.key === key ? after : card)),
    }));
  }

  #worthKeeping(cards: readonly ApprovalCard[]): ApprovalCard[] {
    const oldestMs = this.#clock.dateMs() - CLOSED_CARD_LIFETIME_MS;
    const closed = cards.filter(({ closed_at }) => closed_at !== null && Date.parse(closed_at) > oldestMs);
    const kept = new Set(closed.slice(-MAX_CLOSED_CARDS));
    return cards.filter((card) => card.closed_at === null || kept.has(card));
  }
}
