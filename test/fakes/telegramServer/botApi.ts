/** Owns what each method of the fake does to its chats. */
import type { CallbackQueries } from "./callbackQueries.ts";
import type { FakeChat, FakeMessage } from "./chat.ts";
import { checkCaption, checkEntities, checkKeyboard, checkText, isRecord } from "./contentRules.ts";
import type { FloodControl } from "./floodControl.ts";
import { badRequest } from "./refusal.ts";
import type { Params, UploadedFile } from "./requestBody.ts";
import type { UpdateQueue } from "./updateQueue.ts";

export interface BotCommandSetting {
  readonly scope: unknown;
  readonly commands: unknown;
}

export interface BotWorld {
  readonly bot: { readonly id: number; readonly username: string };
  readonly chats: ReadonlyMap<number, FakeChat>;
  readonly floods: FloodControl;
  readonly updates: UpdateQueue;
  readonly queries: CallbackQueries;
  readonly commandSettings: BotCommandSetting[];
  readonly changed: () => void;
}

/** @throws Refusal */
export async function callMethod(
  world: BotWorld,
  method: string,
  params: Params,
  closed: AbortSignal,
): Promise<unknown> {
  switch (method) {
    case "getMe":
      return {
        ...world.bot,
        is_bot: true,
        first_name: "Televibe",
        can_join_groups: true,
        supports_inline_queries: false,
      };
    case "getUpdates":
      return world.updates.poll(pollRequest(params), closed);
    case "deleteWebhook":
      return true;
    case "setMyCommands":
      return setCommands(world, params);
    case "answerCallbackQuery":
      world.queries.answer(params["callback_query_id"], params["text"], params["show_alert"] === true);
      return true;
    default:
      return callChatMethod(world, method, params);
  }
}

/** Those that cost a chat's budget. */
function callChatMethod(world: BotWorld, method: string, params: Params): unknown {
  const chat = typeof params["chat_id"] === "number" ? world.chats.get(params["chat_id"]) : undefined;
  if (chat === undefined) throw badRequest("chat not found");
  world.floods.count(chat.id, method);
  chat.checkOpen();
  const result = actOn(chat, method, params);
  world.changed();
  return result;
}

function actOn(chat: FakeChat, method: string, params: Params): unknown {
  switch (method) {
    case "sendMessage": {
      const text = checkText(params["text"]);
      const content = { text, entities: checkEntities(params["entities"], text) };
      return wireMessage(chat, chat.add({ ...delivery(chat, params), ...content, document: undefined }));
    }
    case "sendDocument": {
      const text = checkCaption(params["caption"]);
      const content = { text, entities: checkEntities(params["caption_entities"], text) };
      return wireMessage(
        chat,
        chat.add({ ...delivery(chat, params), ...content, document: document(params["document"]) }),
      );
    }
    case "editMessageText": {
      const text = checkText(params["text"]);
      const entities = checkEntities(params["entities"], text);
      const keyboard = checkKeyboard(params["reply_markup"]);
      return wireMessage(
        chat,
        chat.change(messageId(params), () => ({ text, entities, keyboard })),
      );
    }
    case "editMessageReplyMarkup": {
      const keyboard = checkKeyboard(params["reply_markup"]);
      return wireMessage(
        chat,
        chat.change(messageId(params), ({ text, entities }) => ({ text, entities, keyboard })),
      );
    }
    case "deleteMessage":
      chat.remove(messageId(params));
      return true;
    case "sendChatAction":
      if (params["action"] !== "typing" && params["action"] !== "upload_document")
        throw badRequest("wrong parameter action in request");
      return true;
    default:
      throw new Error(`The fake does not know ${method}`);
  }
}

function delivery(chat: FakeChat, params: Params) {
  return {
    fromBot: true,
    keyboard: checkKeyboard(params["reply_markup"]),
    silent: params["disable_notification"] === true,
    threadId: typeof params["message_thread_id"] === "number" ? params["message_thread_id"] : undefined,
    replyToMessageId: repliedTo(chat, params["reply_parameters"]),
  };
}

function repliedTo(chat: FakeChat, value: unknown): number | undefined {
  if (!isRecord(value)) return undefined;
  const { message_id } = value;
  if (typeof message_id === "number" && chat.messages.has(message_id)) return message_id;
  if (value["allow_sending_without_reply"] === true) return undefined;
  throw badRequest("message to be replied not found");
}

function document(value: unknown): UploadedFile {
  if (!isRecord(value) || typeof value["content"] !== "string") throw badRequest("there is no document in the request");
  if (value["content"] === "") throw badRequest("file must be non-empty");
  return { fileName: String(value["fileName"]), content: value["content"] };
}

function messageId(params: Params): number {
  const id = params["message_id"];
  if (typeof id !== "number") throw badRequest("message identifier is not specified");
  return id;
}

function setCommands(world: BotWorld, params: Params): true {
  const commands = params["commands"];
  if (!Array.isArray(commands) || commands.length > 100) throw badRequest("BOT_COMMANDS_TOO_MUCH");
  for (const one of commands) {
    if (!isRecord(one) || !/^[a-z0-9_]{1,32}$/.test(String(one["command"]))) throw badRequest("BOT_COMMAND_INVALID");
    const { length } = String(one["description"] ?? "");
    if (length < 1 || length > 256) throw badRequest("BOT_COMMAND_DESCRIPTION_INVALID");
  }
  world.commandSettings.push({ scope: params["scope"], commands });
  return true;
}

function pollRequest(params: Params) {
  const allowed = params["allowed_updates"];
  return {
    offset: typeof params["offset"] === "number" ? params["offset"] : undefined,
    limit: Math.min(100, Math.max(1, Number(params["limit"] ?? 100))),
    // Telegram holds a poll for 50 s at most, whatever is asked for.
    timeoutS: Math.min(50, Math.max(0, Number(params["timeout"] ?? 0))),
    allowed: Array.isArray(allowed) ? allowed.map(String) : undefined,
  };
}

/** A message as the API shows it. */
export function wireMessage(chat: FakeChat, message: FakeMessage): Readonly<Record<string, unknown>> {
  return {
    message_id: message.messageId,
    date: Math.floor(Date.now() / 1000),
    chat: wireChat(chat),
    ...(message.text === "" ? {} : { text: message.text }),
    ...(message.threadId === undefined ? {} : { message_thread_id: message.threadId, is_topic_message: true }),
    ...(message.keyboard.length === 0 ? {} : { reply_markup: { inline_keyboard: message.keyboard } }),
  };
}

export function wireChat({ id, type, title }: FakeChat): Readonly<Record<string, unknown>> {
  return type === "private" ? { id, type, first_name: title } : { id, type, title };
}
