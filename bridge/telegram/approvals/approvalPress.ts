/**
 * Owns a press on one of an approval's buttons: it is judged by who pressed, never by the chat alone; the decision is made first, and only
 * then is anything shown, so that nobody reads "Approved" of something that was not.
 */
import { type Approval, describeDecision } from "../../../shared/protocol/approval.ts";
import { ProblemError } from "../../../shared/protocol/problem.ts";
import { offerOf } from "../../../shared/text/offerText.ts";
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
import { type ButtonPress, parseButtonData } from "./buttonData.ts";
import type { CardBook } from "./cardBook.ts";
import type { CardFaces } from "./cardFaces.ts";

export interface ApprovalPressOptions {
  readonly book: CardBook;
  readonly cards: Pick<ApprovalCards, "refresh">;
  readonly faces: Pick<CardFaces, "show">;
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
    const pressed = parseButtonData(query.data ?? "");
    const card = pressed && book.byKey(pressed.key);
    const chat = query.message && registry.chat(query.message.chat.id);
    if (pressed === undefined || card === undefined || query.message === undefined) return STALE_BUTTON;
    // A key that turns up in another chat than it was sent to was carried there by somebody.
    if (chat === undefined || chat.id !== card.chat_id) return STALE_BUTTON;
    const approval = this.#options.approvals.get(card.approval_id);
    if (approval === undefined || !maySee(chat, approval)) {
      this.#options.cards.refresh(card.key);
      return STALE_BUTTON;
    }
    // A second copy, which Telegram made although we never heard of it: it has to show the decision too.
    if (query.message.chat.id === chat.id) void book.addMessage(card.key, query.message.message_id);
    const { press } = pressed;
    // A client can send any data: for what is not offered there is no button.
    const remember = "remember" in press ? press.remember : undefined;
    if (remember !== undefined && offerOf(approval, remember) === undefined) return STALE_BUTTON;
    if (press.kind === "decide") return this.#decide(card, press, query);
    if (approval.state !== "pending") {
      this.#options.cards.refresh(card.key);
      return tooLate(approval);
    }
    this.#options.faces.show(card, query.message.message_id, remember);
    return {};
  }

  async #decide(
    card: ApprovalCard,
    { decision, remember }: Extract<ButtonPress, { kind: "decide" }>,
    { from }: CallbackQuery,
  ): Promise<Words> {
    try {
      const { approval } = await this.#options.approvals.decide(card.approval_id, {
        decision,
        surface: "telegram",
        decided_by: { name: displayName(from), id: String(from.id) },
        ...(remember === undefined ? {} : { remember }),
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
