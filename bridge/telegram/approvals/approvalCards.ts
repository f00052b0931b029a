/**
 * Owns asking: it keeps every eligible chat's cards level with the approvals, however they were decided and whatever was cut
 * off by a restart. What is to be done is planned anew each time, so that nothing depends on having seen an event.
 */
import type { Approval } from "../../../shared/protocol/approval.ts";
import type { Changes } from "../../../shared/state/draft.ts";
import type { State } from "../../../shared/state/state.ts";
import type { Logger } from "../../diagnostics/logger.ts";
import type { ApprovalService } from "../../http/services.ts";
import type { Clock } from "../api/clock.ts";
import { TelegramApiError } from "../api/telegramApiError.ts";
import { isMuted, maySee } from "../chats/audience.ts";
import type { ChatRegistry } from "../chats/chatRegistry.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { OutboxError } from "../outbox/outboxError.ts";
import type { ApprovalCard, PairedChat } from "../record/telegramRecord.ts";
import { decidedMessage } from "./approvalText.ts";
import type { CardBook } from "./cardBook.ts";
import type { CardFaces } from "./cardFaces.ts";
import { planCards } from "./cardPlan.ts";

/** The state, and when it changes. */
export interface StateFeed {
  readonly state: State;
  onDidChange(listener: (state: State, changes: Changes) => void): Disposable;
}

export interface ApprovalCardsOptions {
  readonly book: CardBook;
  readonly faces: CardFaces;
  readonly registry: ChatRegistry;
  readonly approvals: Pick<ApprovalService, "list" | "get">;
  readonly projection: StateFeed;
  readonly outbox: Pick<Outbox, "send" | "edit" | "editKeyboard">;
  readonly clock: Clock;
  readonly log: Logger;
}

export class ApprovalCards {
  readonly #options: ApprovalCardsOptions;
  /** What is under way or waits, by card: one thing at a time, each kind waiting once at most. */
  readonly #work = new Map<string, Promise<void>>();
  readonly #waiting = new Set<string>();
  #subscription: Disposable | undefined;
  #stopped = false;

  constructor(options: ApprovalCardsOptions) {
    this.#options = options;
  }

  /** Sends what was not sent and closes what was decided meanwhile; from now on follows the approvals. */
  start(): void {
    this.#subscription = this.#options.projection.onDidChange((_, changes) => {
      if (changes.approvals.size > 0) this.reconcile();
    });
    this.reconcile();
    this.#options.faces.start();
  }

  /** Waits for what is under way; the outbox, which ends it, is stopped by its owner first. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#options.faces.stop();
    this.#subscription?.[Symbol.dispose]();
    await Promise.all(this.#work.values());
  }

  /** Brings all chats level with the approvals. To be called when approvals or chats have changed. */
  reconcile(): void {
    if (this.#stopped) return;
    const { approvals, registry, book, clock } = this.#options;
    const pending = approvals.list({ state: "pending" });
    const plan = planCards({ pending, chats: registry.chats, cards: book.cards, dateMs: clock.dateMs() });
    for (const { key } of plan.toClose) this.#do("close", key, () => this.#close(key));
    if (plan.toAdd.length > 0) {
      // The cards are in the book as soon as this is called, so that a second call does not make them twice.
      const saved = book.add(plan.toAdd);
      const added = plan.toAdd.flatMap(({ approvalId, chatId }) => book.of(approvalId, chatId) ?? []);
      for (const { key } of added) this.#do("send", key, () => saved.then(() => this.#send(key)));
    }
    for (const { key } of plan.toSend) this.#do("send", key, () => this.#send(key));
    this.#options.faces.follow();
  }

  /** Shows a chat once more what waits, as new messages at its end. Answers how many there are. */
  async showAgain(chat: PairedChat, most: number): Promise<number> {
    const waiting = this.#options.approvals.list({ state: "pending" }).filter((approval) => maySee(chat, approval));
    const shown = waiting.slice(0, most);
    const missing = shown.filter(({ approval_id }) => this.#options.book.of(approval_id, chat.id) === undefined);
    await this.#options.book.add(missing.map(({ approval_id }) => ({ approvalId: approval_id, chatId: chat.id })));
    for (const { approval_id } of shown) {
      const card = this.#options.book.of(approval_id, chat.id);
      if (card !== undefined) this.#do("show", card.key, () => this.#show(card.key));
    }
    return waiting.length;
  }

  /** Makes a card's messages show how its approval stands, also when they did already as far as is known. */
  refresh(key: string): void {
    const card = this.#options.book.byKey(key);
    const approval = card && this.#options.approvals.get(card.approval_id);
    if (approval?.state !== "pending") this.#do("close", key, () => this.#close(key));
  }

  /** Asks, unless that was done meanwhile. */
  async #send(key: string): Promise<void> {
    if (this.#options.book.byKey(key)?.message_ids.length === 0) await this.#show(key);
  }

  async #show(key: string): Promise<void> {
    const { approvals, book, faces, registry, outbox, clock } = this.#options;
    const card = book.byKey(key);
    const chat = card && registry.chat(card.chat_id);
    const approval = card && approvals.get(card.approval_id);
    if (card === undefined || chat === undefined) return;
    if (approval?.state !== "pending") return this.#close(key);
    try {
      const content = faces.question(approval, key);
      const silent = isMuted(chat, clock.dateMs());
      const { messageId, chatId } = await outbox.send(chat.id, content, { priority: "approval", silent });
      // The group may have moved while the message was under way; an id in the old chat is of no use in the new one.
      if (book.byKey(key)?.chat_id === chatId) {
        await book.addMessage(key, messageId);
        faces.arrived(card, messageId);
      }
    } catch (error) {
      await this.#sendFailed(key, error);
    }
    // It may have been decided while the message was under way.
    if (approvals.get(card.approval_id)?.state !== "pending") await this.#close(key);
  }

  async #sendFailed(key: string, error: unknown): Promise<void> {
    const { book, log } = this.#options;
    // What a stop cut off is in the book without a message, and is sent at the next start.
    if (error instanceof OutboxError && error.code === "stopped") return;
    log.warn("A chat could not be asked for an approval", { error });
    // A chat that is lost is asked again once it is back: without its card it counts as not asked.
    const isLost = error instanceof TelegramApiError && ["forbidden", "chatGone"].includes(error.code);
    if (isLost || error instanceof OutboxError) await book.remove(key);
  }

  async #close(key: string): Promise<void> {
    const { approvals, book } = this.#options;
    const card = book.byKey(key);
    if (card === undefined) return;
    const approval = approvals.get(card.approval_id);
    this.#options.faces.forget(card);
    const done = await Promise.all(card.message_ids.map((id) => this.#closeMessage(card, id, approval)));
    if (done.every(Boolean)) await book.close(key);
  }

  /** Answers whether nothing is left to do about this message. */
  async #closeMessage(card: ApprovalCard, messageId: number, approval: Approval | undefined): Promise<boolean> {
    const { outbox, log } = this.#options;
    const target = { chatId: card.chat_id, messageId, priority: "approval" as const };
    try {
      // Of an approval that was removed with its project nothing is known any more; its buttons go all the same.
      if (approval === undefined) await outbox.editKeyboard(target, undefined);
      else await outbox.edit(target, decidedMessage(approval));
      return true;
    } catch (error) {
      if (error instanceof OutboxError && error.code === "stopped") return false;
      log.debug("A decided approval could not be shown as such", { error });
      return true;
    }
  }

  #do(kind: "send" | "show" | "close", key: string, act: () => Promise<void>): void {
    const name = `${kind} ${key}`;
    if (this.#waiting.has(name)) return;
    this.#waiting.add(name);
    const before = this.#work.get(key) ?? Promise.resolve();
    const work = before
      .then(() => {
        this.#waiting.delete(name);
        return act();
      })
      .catch((error: unknown) => this.#options.log.error("An approval's message failed", { error }))
      .finally(() => {
        if (this.#work.get(key) === work) this.#work.delete(key);
      });
    this.#work.set(key, work);
  }
}
