/** Owns turning an item into the one call to Telegram that it stands for. */
import type { InlineKeyboard, TelegramParams } from "../api/telegramMethods.ts";
import type { TelegramPort } from "../api/telegramPort.ts";
import type { DeliveryOptions, FormattedText, MessageContent, OutboxItem } from "./outboxItem.ts";

/** @returns the id of the message that was sent or changed. */
export async function perform(port: TelegramPort, item: OutboxItem, signal: AbortSignal): Promise<number> {
  const { chatId, action } = item;
  switch (action.kind) {
    case "send": {
      const params = { ...delivery(chatId, action.delivery), ...text(action.content), ...keyboard(action.content) };
      return (await port.call("sendMessage", params, signal)).message_id;
    }
    case "document": {
      const document = { fileName: action.fileName, text: action.text };
      const params = { ...delivery(chatId, action.delivery), document, ...caption(action.caption) };
      return (await port.call("sendDocument", params, signal)).message_id;
    }
    case "edit": {
      const message = { chat_id: chatId, message_id: action.messageId };
      await port.call("editMessageText", { ...message, ...text(action.content), ...keyboard(action.content) }, signal);
      return action.messageId;
    }
    case "editKeyboard": {
      const message = { chat_id: chatId, message_id: action.messageId };
      await port.call("editMessageReplyMarkup", { ...message, ...keyboard(action) }, signal);
      return action.messageId;
    }
    case "delete":
      await port.call("deleteMessage", { chat_id: chatId, message_id: action.messageId }, signal);
      return action.messageId;
  }
}

function text(content: MessageContent) {
  return {
    text: content.text,
    ...(content.entities === undefined ? {} : { entities: content.entities }),
    // File names such as README.md would otherwise become links with a preview of whoever owns that domain.
    link_preview_options: { is_disabled: true },
  };
}

function caption(
  formatted: FormattedText | undefined,
): Pick<TelegramParams["sendDocument"], "caption" | "caption_entities"> {
  if (formatted === undefined) return {};
  const { text, entities } = formatted;
  return { caption: text, ...(entities === undefined ? {} : { caption_entities: entities }) };
}

function keyboard({ keyboard: rows }: { readonly keyboard?: InlineKeyboard | undefined }) {
  return rows === undefined ? {} : { reply_markup: { inline_keyboard: rows } };
}

function delivery(chatId: number, options: DeliveryOptions) {
  return {
    chat_id: chatId,
    ...(options.threadId === undefined ? {} : { message_thread_id: options.threadId }),
    ...(options.silent === true ? { disable_notification: true } : {}),
    ...(options.protected === true ? { protect_content: true } : {}),
    ...(options.replyToMessageId === undefined
      ? {}
      : // The message that is answered may be gone; the answer is worth having all the same.
        { reply_parameters: { message_id: options.replyToMessageId, allow_sending_without_reply: true } }),
  };
}
