/** Owns one chat of the fake: who is in it, its messages, and what the bot may do there. */
import type { FakeEntity, FakeKeyboard } from "./contentRules.ts";
import { badRequest, forbidden, Refusal } from "./refusal.ts";
import type { UploadedFile } from "./requestBody.ts";

export type FakeChatType = "private" | "group" | "supergroup";

export interface FakeContent {
  readonly text: string;
  readonly entities: readonly FakeEntity[];
  readonly keyboard: FakeKeyboard;
}

/** A message as it stands, and how it came to that. */
export interface FakeMessage extends FakeContent {
  readonly messageId: number;
  readonly chatId: number;
  readonly fromBot: boolean;
  readonly document: UploadedFile | undefined;
  readonly silent: boolean;
  readonly threadId: number | undefined;
  readonly replyToMessageId: number | undefined;
  /** Every content that it had, the first first and the present one last. */
  readonly history: readonly FakeContent[];
}

export type NewMessage = Pick<FakeMessage, "fromBot" | "document" | "silent" | "threadId" | "replyToMessageId"> &
  FakeContent;

const NOT_MODIFIED =
  "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";

export class FakeChat {
  readonly id: number;
  readonly type: FakeChatType;
  readonly title: string;
  readonly messages = new Map<number, FakeMessage>();
  readonly threads = new Set<number>();
  /** What the next call to this chat is refused with: blocked, kicked, upgraded. */
  closedBy: Refusal | undefined;
  #nextMessageId = 1;

  constructor(id: number, type: FakeChatType, title: string) {
    this.id = id;
    this.type = type;
    this.title = title;
  }

  checkOpen(): void {
    if (this.closedBy !== undefined) throw this.closedBy;
  }

  block(): void {
    this.closedBy =
      this.type === "private"
        ? forbidden("bot was blocked by the user")
        : forbidden(`bot was kicked from the ${this.type} chat`);
  }

  upgradeTo(chatId: number): void {
    const text = "Bad Request: group chat was upgraded to a supergroup chat";
    this.closedBy = new Refusal(400, text, { migrate_to_chat_id: chatId });
  }

  add(message: NewMessage): FakeMessage {
    if (message.threadId !== undefined && !this.threads.has(message.threadId))
      throw badRequest("message thread not found");
    const messageId = this.#nextMessageId++;
    const { text, entities, keyboard } = message;
    const added = { ...message, messageId, chatId: this.id, history: [{ text, entities, keyboard }] };
    this.messages.set(messageId, added);
    return added;
  }

  change(messageId: number, change: (message: FakeMessage) => FakeContent): FakeMessage {
    const message = this.messages.get(messageId);
    if (message === undefined) throw badRequest("message to edit not found");
    if (!message.fromBot) throw badRequest("message can't be edited");
    const content = change(message);
    const { text, entities, keyboard } = message;
    if (JSON.stringify(content) === JSON.stringify({ text, entities, keyboard })) throw badRequest(NOT_MODIFIED);
    const changed = { ...message, ...content, history: [...message.history, content] };
    this.messages.set(messageId, changed);
    return changed;
  }

  remove(messageId: number): void {
    if (!this.messages.delete(messageId)) throw badRequest("message to delete not found");
  }
}
