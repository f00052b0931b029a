/** Owns test data: outbox items with everything filled in that a test does not care about. */
import type { OutboxAction, OutboxItem } from "../../../bridge/telegram/outbox/outboxItem.ts";

export const text = (words: string): OutboxAction => ({ kind: "send", content: { text: words }, delivery: {} });

export const edit = (messageId: number, words: string): OutboxAction => ({
  kind: "edit",
  messageId,
  content: { text: words },
});

export function item(id: number, details: Partial<OutboxItem> = {}): OutboxItem {
  const times = { queuedAtMs: 0, notBeforeMs: 0, attempts: 0 };
  return { id, order: id, chatId: 1, priority: "info", action: text(`message ${id}`), ...times, ...details };
}
