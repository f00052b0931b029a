/** Owns what has to be done so that every chat shows every approval as it stands. Pure, and safe to ask for again and again. */
import type { Approval } from "../../../shared/protocol/approval.ts";
import { notification } from "../chats/audience.ts";
import type { ApprovalCard, PairedChat } from "../record/telegramRecord.ts";

export interface CardPlan {
  /** Chats that are not asked yet. */
  readonly toAdd: readonly { readonly approvalId: string; readonly chatId: number }[];
  /** Cards that are in the book and, as far as is known, in no chat. */
  readonly toSend: readonly ApprovalCard[];
  /** Cards that still show a question which was answered. */
  readonly toClose: readonly ApprovalCard[];
}

export interface CardFacts {
  readonly pending: readonly Approval[];
  readonly chats: readonly PairedChat[];
  readonly cards: readonly ApprovalCard[];
  readonly dateMs: number;
}

export function planCards({ pending, chats, cards, dateMs }: CardFacts): CardPlan {
  const open = cards.filter(({ closed_at }) => closed_at === null);
  const known = new Set(cards.map(({ approval_id, chat_id }) => `${chat_id} ${approval_id}`));
  const pendingById = new Map(pending.map((approval) => [approval.approval_id, approval]));
  const chatById = new Map(chats.map((chat) => [chat.id, chat]));
  const isTold = (chat: PairedChat | undefined, approval: Approval) =>
    chat !== undefined && notification(chat, approval, "approval", dateMs) !== "none";

  const toAdd = pending.flatMap((approval) =>
    chats
      .filter((chat) => isTold(chat, approval) && !known.has(`${chat.id} ${approval.approval_id}`))
      .map((chat) => ({ approvalId: approval.approval_id, chatId: chat.id })),
  );
  const toSend = open.filter((card) => {
    const approval = pendingById.get(card.approval_id);
    return approval !== undefined && card.message_ids.length === 0 && isTold(chatById.get(card.chat_id), approval);
  });
  const toClose = open.filter((card) => !pendingById.has(card.approval_id));
  return { toAdd, toSend, toClose };
}
