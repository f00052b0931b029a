/** Owns the closed list of ways in which a call to Telegram can fail. Everything above the port decides by `code`, never by text. */

/** Why Telegram will not let the bot write to a chat. */
export type ForbiddenReason = "blocked" | "deactivated" | "removed" | "neverStarted" | "noRights" | "other";

/** What failed, with the facts that a decision needs. */
export type TelegramFailure =
  /** 429. Nothing may go to that chat before the time is over: sending inside the window makes it grow, up to hours. */
  | { readonly code: "rateLimited"; readonly retryAfterMs: number }
  /** The edit would have changed nothing. For most callers that is success. */
  | { readonly code: "notModified" }
  /** The message to edit, delete or answer is not there (any more). */
  | { readonly code: "messageGone" }
  /** It is there, but bots may not edit or delete it. */
  | { readonly code: "messageNotEditable" }
  /** The forum topic was deleted; the chat itself is fine. */
  | { readonly code: "threadGone" }
  /** Telegram knows no such chat, or not for this bot. */
  | { readonly code: "chatGone" }
  /** The chat exists and the bot may not write to it. Trying again cannot help until somebody acts. */
  | { readonly code: "forbidden"; readonly reason: ForbiddenReason }
  /** The group became a supergroup and goes by another id from now on. */
  | { readonly code: "migrated"; readonly toChatId: number }
  /** The press was answered already, or more than about 15 s ago. */
  | { readonly code: "queryExpired" }
  /** The token is wrong or was revoked: nothing at all will work with it. */
  | { readonly code: "unauthorized" }
  /** Somebody else reads this bot's updates: another process with the same token, or a webhook. */
  | { readonly code: "conflict"; readonly with: "poller" | "webhook" }
  /** The formatting was refused; the same text without it may pass. */
  | { readonly code: "formattingRefused" }
  /** Any other refusal of this very request: the same request will be refused again. */
  | { readonly code: "badRequest" }
  /** Nothing came back, or something that is not Telegram's answer. The request may or may not have been carried out. */
  | { readonly code: "network"; readonly timedOut: boolean }
  /** Telegram answered 5xx, or with a result of another shape than documented. */
  | { readonly code: "server"; readonly status: number }
  /** The caller's own signal ended the call. */
  | { readonly code: "aborted" };

export type TelegramFailureCode = TelegramFailure["code"];

/** One call that failed. Its message carries neither the token nor the text that was being sent. */
export class TelegramApiError extends Error {
  override readonly name = "TelegramApiError";
  readonly method: string;
  readonly failure: TelegramFailure;

  /** @param detail what Telegram or the network said, already redacted. */
  constructor(method: string, failure: TelegramFailure, detail: string) {
    super(`Telegram ${method} failed (${failure.code}): ${detail}`);
    this.method = method;
    this.failure = failure;
  }

  get code(): TelegramFailureCode {
    return this.failure.code;
  }
}
