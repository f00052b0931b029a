/** Owns a person in a test: what they write to the bot and which buttons they press. */
import { wireChat, wireMessage } from "./botApi.ts";
import type { CallbackQueries, FakeAnswer } from "./callbackQueries.ts";
import type { FakeChat, FakeMessage } from "./chat.ts";
import type { UpdateQueue } from "./updateQueue.ts";

export interface FakeUserDetails {
  readonly id: number;
  readonly firstName: string;
  readonly username: string | undefined;
}

export class FakeUser {
  readonly details: FakeUserDetails;
  /** Their chat with the bot; its id is theirs. */
  readonly chat: FakeChat;
  readonly #updates: UpdateQueue;
  readonly #queries: CallbackQueries;
  readonly #chats: ReadonlyMap<number, FakeChat>;

  constructor(
    details: FakeUserDetails,
    chat: FakeChat,
    world: {
      readonly updates: UpdateQueue;
      readonly queries: CallbackQueries;
      readonly chats: ReadonlyMap<number, FakeChat>;
    },
  ) {
    this.details = details;
    this.chat = chat;
    this.#updates = world.updates;
    this.#queries = world.queries;
    this.#chats = world.chats;
  }

  get id(): number {
    return this.details.id;
  }

  /** Writes a message, to the bot or in a group. */
  sends(text: string, chat: FakeChat = this.chat, options: { readonly threadId?: number } = {}): FakeMessage {
    const rest = { fromBot: false, document: undefined, silent: false, replyToMessageId: undefined };
    const message = chat.add({ ...rest, text, entities: [], keyboard: [], threadId: options.threadId });
    this.#updates.push("message", { ...wireMessage(chat, message), from: this.#wire(), ...commandEntities(text) });
    return message;
  }

  /** Presses a button that the message has now; the promise is what the bot answers. */
  presses(message: FakeMessage, buttonText: string): Promise<FakeAnswer> {
    const present = this.#chats.get(message.chatId)?.messages.get(message.messageId);
    const button = present?.keyboard.flat().find(({ text }) => text === buttonText);
    if (button?.callback_data === undefined) {
      throw new Error(`Message ${message.messageId} has no button "${buttonText}" to press`);
    }
    return this.pressesData(message, button.callback_data);
  }

  /** What a client can do that is old, slow or malicious: sends any data for any message. */
  pressesData(message: FakeMessage, data: string): Promise<FakeAnswer> {
    const chat = this.#chats.get(message.chatId);
    if (chat === undefined) throw new Error(`There is no chat ${message.chatId}`);
    const { id, answered } = this.#queries.add();
    const shown = wireMessage(chat, chat.messages.get(message.messageId) ?? message);
    this.#updates.push("callback_query", { id, from: this.#wire(), message: shown, chat_instance: `${chat.id}`, data });
    return answered;
  }

  /** Blocks the bot: it is told, and may not write any more. */
  blocksBot(): void {
    this.chat.block();
    this.#tellMembership(this.chat, "kicked");
  }

  unblocksBot(): void {
    this.chat.closedBy = undefined;
    this.#tellMembership(this.chat, "member");
  }

  /** Removes the bot from a group. */
  kicksBot(chat: FakeChat): void {
    chat.block();
    this.#tellMembership(chat, "kicked");
  }

  #tellMembership(chat: FakeChat, status: string): void {
    const date = Math.floor(Date.now() / 1000);
    const change = { chat: wireChat(chat), from: this.#wire(), date, new_chat_member: { status } };
    this.#updates.push("my_chat_member", change);
  }

  #wire() {
    const { id, firstName, username } = this.details;
    return { id, is_bot: false, first_name: firstName, ...(username === undefined ? {} : { username }) };
  }
}

function commandEntities(text: string) {
  const command = /^\/\S+/.exec(text)?.[0];
  return command === undefined ? {} : { entities: [{ type: "bot_command", offset: 0, length: command.length }] };
}
