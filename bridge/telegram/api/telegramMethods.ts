/**
 * Owns the methods of the Bot API that we call, under Telegram's own names: what goes in and what comes out.
 * Wider than telegraf's types, which end at Bot API 7.1. https://core.telegram.org/bots/api#available-methods
 */
import * as z from "zod";
import { type ALLOWED_UPDATES, telegramUser } from "./incomingUpdate.ts";

/** Formatting of a stretch of text; `offset` and `length` count UTF-16 code units, as JavaScript does. */
export interface MessageEntity {
  readonly type: string;
  readonly offset: number;
  readonly length: number;
  readonly url?: string | undefined;
  readonly language?: string | undefined;
}

export type InlineButton = {
  readonly text: string;
  /** Since Bot API 9.4; older clients draw a plain button. */
  readonly style?: "success" | "danger" | "primary";
} & (
  | { /** 1 to 64 bytes. */ readonly callback_data: string }
  | { readonly url: string }
  | { readonly copy_text: { readonly text: string } }
);

/** Rows of buttons under a message. */
export type InlineKeyboard = readonly (readonly InlineButton[])[];

export interface BotCommand {
  /** 1 to 32 of `a-z`, `0-9` and `_`. */
  readonly command: string;
  /** 1 to 256 characters. */
  readonly description: string;
}

interface ReplyMarkup {
  readonly reply_markup?: { readonly inline_keyboard: InlineKeyboard };
}

interface Formatted {
  /** 1 to 4,096 characters. */
  readonly text: string;
  readonly entities?: readonly MessageEntity[];
  readonly link_preview_options?: { readonly is_disabled: boolean };
}

interface Delivery extends ReplyMarkup {
  readonly chat_id: number;
  readonly message_thread_id?: number;
  readonly disable_notification?: boolean;
  readonly protect_content?: boolean;
  readonly reply_parameters?: { readonly message_id: number; readonly allow_sending_without_reply: boolean };
}

interface OneMessage {
  readonly chat_id: number;
  readonly message_id: number;
}

export interface TelegramParams {
  readonly getMe: Record<string, never>;
  readonly getUpdates: {
    readonly offset?: number;
    /** 1 to 100. */
    readonly limit?: number;
    /** Seconds that Telegram holds the request open while there is nothing; it takes 50 at most. */
    readonly timeout: number;
    readonly allowed_updates: typeof ALLOWED_UPDATES;
  };
  readonly deleteWebhook: { readonly drop_pending_updates?: boolean };
  readonly setMyCommands: {
    readonly commands: readonly BotCommand[];
    readonly scope?:
      | { readonly type: "default" | "all_private_chats" | "all_group_chats" }
      | { readonly type: "chat"; readonly chat_id: number };
  };
  readonly sendMessage: Delivery & Formatted;
  readonly sendDocument: Delivery & {
    readonly document: { readonly fileName: string; readonly text: string };
    readonly caption?: string;
    readonly caption_entities?: readonly MessageEntity[];
  };
  readonly editMessageText: OneMessage & Formatted & ReplyMarkup;
  readonly editMessageReplyMarkup: OneMessage & ReplyMarkup;
  readonly deleteMessage: OneMessage;
  readonly sendChatAction: {
    readonly chat_id: number;
    readonly action: "typing" | "upload_document";
    readonly message_thread_id?: number;
  };
  readonly answerCallbackQuery: {
    readonly callback_query_id: string;
    /** At most 200 characters. */
    readonly text?: string;
    readonly show_alert?: boolean;
  };
}

const sentMessage = z.object({ message_id: z.number().int(), chat: z.object({ id: z.number().int() }) });

/** What each method answers with. */
export const telegramResults = {
  getMe: telegramUser,
  getUpdates: z.array(z.unknown()),
  deleteWebhook: z.literal(true),
  setMyCommands: z.literal(true),
  sendMessage: sentMessage,
  sendDocument: sentMessage,
  editMessageText: sentMessage,
  editMessageReplyMarkup: sentMessage,
  deleteMessage: z.literal(true),
  sendChatAction: z.literal(true),
  answerCallbackQuery: z.literal(true),
} as const satisfies Record<keyof TelegramParams, z.ZodType>;

export type TelegramMethod = keyof TelegramParams;
export type TelegramResult<M extends TelegramMethod> = z.infer<(typeof telegramResults)[M]>;
