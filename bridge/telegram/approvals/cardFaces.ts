/**
 * Owns how the messages of a question look while it waits: as the question, or as what one of its offers would allow, where
 * somebody looks at that; and that the time left is told anew as it runs out, as seldom as is worth an edit.
 */
import { CountdownTimer } from "../../../shared/client/countdownTimer.ts";
import type { Remember } from "../../../shared/events/job.ts";
import type { Approval } from "../../../shared/protocol/approval.ts";
import { roughCountdownChangesInMs } from "../../../shared/text/countdown.ts";
import { offerOf } from "../../../shared/text/offerText.ts";
import type { Logger } from "../../diagnostics/logger.ts";
import type { ApprovalService } from "../../http/services.ts";
import type { Clock } from "../api/clock.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { MessageContent } from "../outbox/outboxItem.ts";
import type { Priority } from "../outbox/priority.ts";
import type { ApprovalCard } from "../record/telegramRecord.ts";
import { offerMessage, questionMessage } from "./approvalText.ts";
import type { CardBook } from "./cardBook.ts";

export interface CardFacesOptions {
  readonly book: CardBook;
  readonly approvals: Pick<ApprovalService, "get">;
  readonly outbox: Pick<Outbox, "edit">;
  readonly clock: Clock;
  readonly log: Logger;
}

export class CardFaces {
  readonly #options: CardFacesOptions;
  readonly #countdowns: CountdownTimer;
  /** Which offer is looked at, by message. A restart forgets it; the buttons of what is shown work all the same. */
  readonly #looks = new Map<string, Remember>();

  constructor(options: CardFacesOptions) {
    this.#options = options;
    this.#countdowns = new CountdownTimer({
      shown: () => this.#limited().map(({ approval }) => approval),
      changesInMs: roughCountdownChangesInMs,
      onDue: () => this.#tellTime(),
      nowMs: () => options.clock.dateMs(),
    });
  }

  /** What stands there was written before the bridge was: it may tell a time that has gone by. */
  start(): void {
    this.#tellTime();
    this.#countdowns.look();
  }

  stop(): void {
    this.#countdowns[Symbol.dispose]();
  }

  /** To be called when approvals or cards have changed. */
  follow(): void {
    this.#countdowns.look();
  }

  question(approval: Approval, key: string): MessageContent {
    return questionMessage(approval, key, this.#options.clock.dateMs());
  }

  /** Of a message that was under way for long: until now no change of the time that is left could be told in it. */
  arrived(card: ApprovalCard, messageId: number): void {
    const expires_at = this.#options.approvals.get(card.approval_id)?.expires_at ?? null;
    if (expires_at !== null) this.#draw(card, messageId, "info");
  }

  /** Has a message show what an offer would allow, or the question again. */
  show({ key }: ApprovalCard, messageId: number, remember: Remember | undefined): void {
    const name = nameOf(key, messageId);
    if (remember === undefined) this.#looks.delete(name);
    else this.#looks.set(name, remember);
    const card = this.#options.book.byKey(key);
    if (card !== undefined) this.#draw(card, messageId, "reply");
  }

  /** Of a card that asks no more. */
  forget({ key, message_ids }: ApprovalCard): void {
    for (const id of message_ids) this.#looks.delete(nameOf(key, id));
  }

  #limited(): readonly { readonly card: ApprovalCard; readonly approval: Approval }[] {
    const { book, approvals } = this.#options;
    return book.cards.flatMap((card) => {
      if (card.closed_at !== null) return [];
      const approval = approvals.get(card.approval_id);
      return approval?.state === "pending" && approval.expires_at !== null ? [{ card, approval }] : [];
    });
  }

  #tellTime(): void {
    // Nobody waits for it: of several that wait the outbox makes the latest, and gives up what is too old.
    for (const { card } of this.#limited()) for (const id of card.message_ids) this.#draw(card, id, "info");
  }

  /** Not awaited by anybody: an edit may wait for long, and the decision's must not stand behind it. */
  #draw({ key, approval_id, chat_id }: ApprovalCard, messageId: number, priority: Priority): void {
    const { approvals, outbox, log } = this.#options;
    const approval = approvals.get(approval_id);
    // Once it is decided only that is shown: this would take its place in the outbox.
    if (approval?.state !== "pending") return;
    outbox
      .edit({ chatId: chat_id, messageId, priority }, this.#face(approval, key, messageId))
      .catch((error: unknown) => log.debug("A question could not be drawn again", { error }));
  }

  #face(approval: Approval, key: string, messageId: number): MessageContent {
    const remember = this.#looks.get(nameOf(key, messageId));
    const offer = remember && offerOf(approval, remember);
    if (offer === undefined) return this.question(approval, key);
    return offerMessage(approval, offer, key, this.#options.clock.dateMs());
  }
}

function nameOf(key: string, messageId: number): string {
  return `${key} ${messageId}`;
}
