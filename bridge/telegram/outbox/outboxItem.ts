/** Owns what waits in the outbox: plain data throughout, so that a queue on disk can hold it as it is. */
import type { InlineKeyboard, MessageEntity } from "../api/telegramMethods.ts";
import type { Priority } from "./priority.ts";

/**
 * A text and its formatting, as `fmt` of `telegraf/format` makes it. Formatting travels as entities and never as markup:
 * there is nothing to escape, and a text can be cut anywhere.
 */
export interface FormattedText {
  readonly text: string;
  readonly entities?: readonly MessageEntity[] | undefined;
}

export interface MessageContent extends FormattedText {
  /** Buttons under the message; an edit without it removes them. */
  readonly keyboard?: InlineKeyboard | undefined;
}

export interface DeliveryOptions {
  /** Arrives without a sound. */
  readonly silent?: boolean;
  /** The forum topic. */
  readonly threadId?: number | undefined;
  readonly replyToMessageId?: number | undefined;
  /** Cannot be forwarded or saved. */
  readonly protected?: boolean;
}

export type OutboxAction =
  | { readonly kind: "send"; readonly content: MessageContent; readonly delivery: DeliveryOptions }
  | {
      readonly kind: "document";
      readonly fileName: string;
      readonly text: string;
      readonly caption: FormattedText | undefined;
      readonly delivery: DeliveryOptions;
    }
  | { readonly kind: "edit"; readonly messageId: number; readonly content: MessageContent }
  | { readonly kind: "editKeyboard"; readonly messageId: number; readonly keyboard: InlineKeyboard | undefined }
  | { readonly kind: "delete"; readonly messageId: number };

export interface OutboxItem {
  readonly id: number;
  /** Its place within its class: that of its own id, or of the earlier edit whose place it took. */
  readonly order: number;
  readonly chatId: number;
  readonly priority: Priority;
  readonly action: OutboxAction;
  /** Times are those of the outbox's own clock. */
  readonly queuedAtMs: number;
  /** Not before this; set after a failure. */
  readonly notBeforeMs: number;
  /** Tries that ended with a network or server failure. */
  readonly attempts: number;
}

/** The message that an item changes, if it changes one. */
export function changedMessage(action: OutboxAction): number | undefined {
  return "messageId" in action ? action.messageId : undefined;
}
