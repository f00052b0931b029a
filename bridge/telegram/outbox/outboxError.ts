/** Owns the ways in which the outbox itself gives a message up. What Telegram refused is a `TelegramApiError` instead. */

export type OutboxErrorCode =
  /** Too many of its class waited in the chat. */
  | "queueFull"
  /** Telegram asked the chat to be quiet for long, and the message was cosmetic. */
  | "coolingOff"
  /** It waited longer than anybody wants it. */
  | "stale"
  /** There is nothing in it but white space, which Telegram refuses. */
  | "blank"
  /** Its chat was given up. */
  | "forgotten"
  /** The outbox stopped first. */
  | "stopped";

const MESSAGES: Readonly<Record<OutboxErrorCode, string>> = {
  queueFull: "too many messages of its kind were waiting",
  coolingOff: "Telegram asked for a long pause",
  stale: "it waited too long to be of use",
  blank: "there is no text in it",
  forgotten: "its chat is not served any more",
  stopped: "the Telegram outbox stopped",
};

export class OutboxError extends Error {
  override readonly name = "OutboxError";
  readonly code: OutboxErrorCode;

  constructor(code: OutboxErrorCode) {
    super(`The Telegram message was not sent: ${MESSAGES[code]}`);
    this.code = code;
  }
}
