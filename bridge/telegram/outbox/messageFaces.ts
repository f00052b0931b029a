/**
 * Owns knowing what messages show at present, so that an edit that would change nothing is not sent: Telegram answers it
 * with an error, and it would cost the chat's budget. Only digests are kept, and only of the latest messages.
 */
import { createHash } from "node:crypto";
import type { InlineKeyboard } from "../api/telegramMethods.ts";
import type { MessageContent, OutboxAction, OutboxItem } from "./outboxItem.ts";

interface Face {
  readonly text: string;
  readonly keyboard: string;
}

const MAX_FACES = 1000;

export class MessageFaces {
  readonly #faces = new Map<string, Face>();

  /** Whether a change is what the message shows already. */
  alreadyShows(item: OutboxItem): boolean {
    const { action } = item;
    if (action.kind !== "edit" && action.kind !== "editKeyboard") return false;
    const face = this.#faces.get(keyOf(item.chatId, action.messageId));
    if (face === undefined) return false;
    const wanted = faceAfter(action, face);
    return wanted.text === face.text && wanted.keyboard === face.keyboard;
  }

  /** Takes note of what a call made of a message. */
  applied(item: OutboxItem, messageId: number): void {
    const { action } = item;
    const key = keyOf(item.chatId, messageId);
    const before = this.#faces.get(key);
    this.#faces.delete(key);
    if (action.kind === "delete" || action.kind === "document") return;
    // Of a message whose text is not known, its buttons alone say nothing.
    if (action.kind === "editKeyboard" && before === undefined) return;
    this.#faces.set(key, faceAfter(action, before));
    this.#forgetOldest();
  }

  /** After a failure that leaves open whether the change was made. */
  forget(item: OutboxItem): void {
    if ("messageId" in item.action) this.#faces.delete(keyOf(item.chatId, item.action.messageId));
  }

  #forgetOldest(): void {
    for (const key of this.#faces.keys()) {
      if (this.#faces.size <= MAX_FACES) return;
      this.#faces.delete(key);
    }
  }
}

type Showing = Extract<OutboxAction, { kind: "send" | "edit" | "editKeyboard" }>;

function faceAfter(action: Showing, before: Face | undefined): Face {
  if (action.kind === "editKeyboard") return { text: before?.text ?? "", keyboard: keyboardDigest(action.keyboard) };
  return { text: textDigest(action.content), keyboard: keyboardDigest(action.content.keyboard) };
}

function textDigest({ text, entities }: MessageContent): string {
  return digest([text, entities ?? []]);
}

function keyboardDigest(keyboard: InlineKeyboard | undefined): string {
  return digest(keyboard ?? []);
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64");
}

function keyOf(chatId: number, messageId: number): string {
  return `${chatId}:${messageId}`;
}
