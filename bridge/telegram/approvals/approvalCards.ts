/**
 * Owns the messages that ask for approvals: one in each chat that may answer, its buttons, and what it says in the end. The
 * approval itself is the bridge's; a card only shows it, so whatever is lost of a card is made again from there.
 */
import { randomBytes } from "node:crypto";
import { type Approval, describeDecision } from "../../../shared/protocol/approval.ts";
import { ProblemError } from "../../../shared/protocol/problem.ts";
import type { Changes } from "../../../shared/state/draft.ts";
import type { State } from "../../../shared/state/state.ts";
import type { Approvals } from "../../approvals/approvals.ts";
import type { Logger } from "../../diagnostics/logger.ts";
import type { CallbackQuery, TelegramUser } from "../api/incomingUpdate.ts";
import { approvalMessage, parseButton } from "../messages/approvalMessage.ts";
import { mayReach, wantsApprovals } from "../notify/audience.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { OutboxError } from "../outbox/outboxError.ts";
import type { ApprovalCard } from "../registry/chat.ts";
import type { Registry } from "../registry/registry.ts";

const KEY_BYTES = 16;
/** Longest text of the toast that answers a press. */
const MAX_TOAST = 190;

export interface ApprovalCardsOptions {
  readonly outbox: Outbox;
  readonly registry: Registry;
  readonly approvals: Pick<Approvals, "decide">;
  readonly state: () => State;
  readonly log: Logger;
}

export class ApprovalCards {
  readonly #options: ApprovalCardsOptions;
  /** Cards on their way, so that no chat is asked twice. */
  readonly #working = new Map<string, Promise<void>>();
  #isStopped = false;

  constructor(options: ApprovalCardsOptions) {
    this.#options = options;
  }

  /** Brings the chats up to date: what was asked or decided while the bridge was away. */
  reconcile(): void {
    const { registry } = this.#options;
    const { approvals } = this.#options.state();
    for (const approval of approvals.values()) {
      if (approval.state === "pending") this.#ask(approval);
    }
    for (const card of registry.cards) {
      const approval = approvals.get(card.approval_id);
      if (approval === undefined) this.#work(card.key, () => registry.removeCard(card.key));
      else if (approval.state !== "pending") this.#settle(card, approval);
    }
  }

  /** A listener of the projection. */
  apply(state: State, { approvals }: Changes): void {
    for (const id of approvals) {
      const approval = state.approvals.get(id);
      if (approval === undefined) continue;
      if (approval.state === "pending") this.#ask(approval);
      else for (const card of this.#cardsOf(id)) this.#settle(card, approval);
    }
  }

  /** Somebody pressed a button. The decision comes first; what is shown follows it. */
  async press(query: CallbackQuery): Promise<void> {
    const { outbox, registry, state, approvals } = this.#options;
    const answer = (text: string, alert = false) =>
      outbox.answerCallback({ queryId: query.id, text: text.slice(0, MAX_TOAST), alert });
    const button = parseButton(query.data);
    const card = registry.cards.find(({ key }) => key === button?.key);
    if (!registry.isPairedUser(query.from.id)) {
      await answer("You are not paired with this bridge, so your answer does not count.", true);
      return;
    }
    // A button of ours is pressed under the message that it was sent with, and nowhere else.
    const isItsMessage = card !== undefined && query.message?.chat.id === card.chat_id;
    const approval = isItsMessage ? state().approvals.get(card.approval_id) : undefined;
    if (button === undefined || approval === undefined) {
      await answer("This approval is not known any more.", true);
      return;
    }
    try {
      const decided = await approvals.decide(approval.approval_id, {
        decision: button.decision,
        surface: "telegram",
        decided_by: { name: nameOf(query.from), id: String(query.from.id) },
      });
      await answer(describeDecision(decided.approval));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      await answer(error.code === "already_decided" ? `Too late. ${error.message}` : error.message, true);
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.allSettled(this.#working.values());
  }

  #ask(approval: Approval): void {
    const { registry } = this.#options;
    for (const chat of registry.chats) {
      if (!wantsApprovals(chat) || !mayReach(approval, chat.chat_id)) continue;
      const known = this.#cardsOf(approval.approval_id).find(({ chat_id }) => chat_id === chat.chat_id);
      if (known !== undefined && known.message_id !== null) continue;
      const key = known?.key ?? randomBytes(KEY_BYTES).toString("base64url");
      const card = { key, approval_id: approval.approval_id, chat_id: chat.chat_id, message_id: null };
      this.#work(`${approval.approval_id} ${chat.chat_id}`, () => this.#send(card, approval));
    }
  }

  async #send(card: ApprovalCard, approval: Approval): Promise<void> {
    const { outbox, registry } = this.#options;
    // Kept before it is sent: its button may be pressed before Telegram's answer has come back.
    await registry.putCard(card);
    const sent = await outbox.send(card.chat_id, approvalMessage(approval, card.key), { priority: "approval" });
    const placed = { ...card, chat_id: sent.chatId, message_id: sent.messageId };
    await registry.putCard(placed);
    // It may have been decided on its way.
    const now = this.#options.state().approvals.get(card.approval_id);
    if (now !== undefined && now.state !== "pending") await this.#show(placed, now);
  }

  #settle(card: ApprovalCard, approval: Approval): void {
    // Still on its way: it is settled when it has arrived.
    if (card.message_id === null && this.#working.has(`${card.approval_id} ${card.chat_id}`)) return;
    this.#work(card.key, () => this.#show(card, approval));
  }

  /** What was decided takes the place of the buttons. */
  async #show(card: ApprovalCard, approval: Approval): Promise<void> {
    const { outbox, registry } = this.#options;
    const { chat_id: chatId, message_id: messageId } = card;
    if (messageId !== null) {
      await outbox.edit({ chatId, messageId, priority: "approval" }, approvalMessage(approval, card.key));
    }
    await registry.removeCard(card.key);
  }

  #cardsOf(approval_id: string): readonly ApprovalCard[] {
    return this.#options.registry.cards.filter((card) => card.approval_id === approval_id);
  }

  #work(key: string, act: () => Promise<void>): void {
    if (this.#isStopped || this.#working.has(key)) return;
    const work = act()
      .catch((error: unknown) => {
        // What a stop cut off is made up for at the next start.
        if (error instanceof OutboxError) return;
        this.#options.log.warn("An approval could not be shown in Telegram", { key, error });
      })
      .finally(() => this.#working.delete(key));
    this.#working.set(key, work);
  }
}

export function nameOf({ first_name, last_name, username }: TelegramUser): string {
  const name = [first_name, last_name].filter((part) => part !== undefined && part !== "").join(" ");
  return name || username || "someone";
}
