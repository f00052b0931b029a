/**
 * Owns a press on Approve or Deny: it is judged by who pressed, never by the chat alone; the decision is made first, and only
 * then is anything shown, so that nobody reads "Approved" of something that was not.
 */
import { type Approval, describeDecision } from "../../../shared/protocol/approval.ts";
import { ProblemError } from "../../../shared/protocol/problem.ts";
import type { Logger } from "../../diagnostics/logger.ts";
import type { ApprovalService } from "../../http/services.ts";
import type { CallbackQuery } from "../api/incomingUpdate.ts";
import { maySee } from "../chats/audience.ts";
import { type ChatRegistry, displayName } from "../chats/chatRegistry.ts";
import type { CallbackAnswer } from "../outbox/callbackAnswer.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { ApprovalCard } from "../record/telegramRecord.ts";
import type { ApprovalCards } from "./approvalCards.ts";
import { decisionLine } from "./approvalText.ts";
import { type ButtonAnswer, parseButtonData } from "./buttonData.ts";
import type { CardBook } from "./cardBook.ts";

export interface ApprovalPressOptions {
  readonly book: CardBook;
  readonly cards: Pick<ApprovalCards, "refresh">;
  readonly registry: ChatRegistry;
  readonly approvals: Pick<ApprovalService, "get" | "decide">;
  readonly outbox: Pick<Outbox, "answerCallback">;
  readonly log: Logger;
}

type Words = Omit<CallbackAnswer, "queryId">;

const STALE_BUTTON: Words = { text: "This button is not valid any more. /approvals shows what waits.", alert: true };

export class ApprovalPress {
  readonly #options: ApprovalPressOptions;

  constructor(options: ApprovalPressOptions) {
    this.#options = options;
  }

  /** Handles a press, and answers it once. */
  async handle(query: CallbackQuery): Promise<void> {
    const words = await this.#judge(query);
    try {
      await this.#options.outbox.answerCallback({ queryId: query.id, ...words });
    } catch (error) {
      // The decision stands, and the message will show it: only the toast is lost.
      this.#options.log.warn("A press could not be answered", { error });
    }
  }

  async #judge(query: CallbackQuery): Promise<Words> {
    const { book, registry } = this.#options;
    if (query.from.is_bot || !registry.isPaired(query.from.id)) {
      this.#options.log.warn("A press by somebody who is not paired was refused", { user: query.from.id });
      return { text: "Only people who are paired with this bridge can answer. You are not.", alert: true };
    }
    const press = parseButtonData(query.data ?? "");
    const card = press && book.byKey(press.key);
    const chat = query.message && registry.chat(query.message.chat.id);
    if (press === undefined || card === undefined || query.message === undefined) return STALE_BUTTON;
    // A key that turns up in another chat than it was sent to was carried there by somebody.
    if (chat === undefined || chat.id !== card.chat_id) return STALE_BUTTON;
    const approval = this.#options.approvals.get(card.approval_id);
    if (approval === undefined || !maySee(chat, approval)) {
      this.#options.cards.refresh(card.key);
      return STALE_BUTTON;
    }
    // A second copy, which Telegram made although we never heard of it: it has to show the decision too.
    if (query.message.chat.id === chat.id) void book.addMessage(card.key, query.message.message_id);
    return this.#decide(card, press.answer, query);
  }

  async #decide(card: ApprovalCard, answer: ButtonAnswer, { from }: CallbackQuery): Promise<Words> {
    try {
      const { approval } = await this.#options.approvals.decide(card.approval_id, {
        decision: answer,
        surface: "telegram",
        decided_by: { name: displayName(from), id: String(from.id) },
      });
      return { text: decisionLine(approval) };
    } catch (error) {
      if (!(error instanceof ProblemError)) {
        this.#options.log.error("A press could not become a decision", { error });
        return { text: "Your answer could not be saved. The approval still waits: try again.", alert: true };
      }
      if (error.code !== "already_decided" && error.code !== "unknown_approval") {
        return { text: `Your answer was not taken: ${error.message}`, alert: true };
      }
      this.#options.cards.refresh(card.key);
      return tooLate(this.#options.approvals.get(card.approval_id));
    }
  }
}

function tooLate(approval: Approval | undefined): Words {
  if (approval === undefined) return STALE_BUTTON;
  return { text: `It was decided already: ${describeDecision(approval)}`, alert: true };
}
