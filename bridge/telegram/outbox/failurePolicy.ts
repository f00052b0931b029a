/** Owns what follows from a call that failed: try again and when, try it plainer, or give it up. Pure. */
import { type BackOff, backOffMs } from "../api/backOff.ts";
import type { TelegramFailure } from "../api/telegramApiError.ts";
import { isDispensable } from "./chatQueue.ts";
import type { OutboxAction, OutboxItem } from "./outboxItem.ts";

export type Verdict =
  /** What was wanted is so already. */
  | { readonly kind: "unchanged" }
  | {
      readonly kind: "retry";
      readonly item: OutboxItem;
      readonly quietUntilMs: number;
      readonly coolOff: CoolOff | undefined;
    }
  /** The chat goes by another id; everything for it is readdressed. */
  | { readonly kind: "migrate"; readonly toChatId: number }
  /** `coolOff` is set where Telegram asked for one and this item is not worth waiting for. */
  | { readonly kind: "giveUp"; readonly coolOff: CoolOff | undefined }
  /** Nothing can reach this chat until somebody acts. */
  | { readonly kind: "chatLost" };

/** Telegram asked the whole chat to be quiet. */
export interface CoolOff {
  readonly untilMs: number;
  /** So long that cosmetic messages are given up. */
  readonly long: boolean;
}

export interface FailureFacts {
  readonly nowMs: number;
  /** Network or server failures of the chat in a row, before this one. */
  readonly chatFailures: number;
  /** From 0 to 1. */
  readonly random: number;
}

/** On top of `retry_after`: a call even a moment inside the window makes it grow. */
export const COOL_OFF_MARGIN_MS = 500;
/** A pause up to this is no reason to give anything up. */
export const COSMETIC_PATIENCE_MS = 5_000;

const TRANSIENT: BackOff = { firstMs: 1_000, longestMs: 15_000 };
// The token will not be mended within seconds.
const UNAUTHORIZED: BackOff = { firstMs: 15_000, longestMs: 60_000 };
// From so many failures on, an item lets others of its chat try first: it may be the item that Telegram stumbles over.
const SUSPECT_ATTEMPTS = 3;
const SUSPECT_DELAY_MS = 1_000;

export function afterFailure(item: OutboxItem, failure: TelegramFailure, facts: FailureFacts): Verdict {
  switch (failure.code) {
    case "rateLimited":
      return afterRateLimit(item, failure.retryAfterMs, facts);
    case "network":
    case "server":
      return afterTransient(item, TRANSIENT, facts);
    case "unauthorized":
      return afterTransient(item, UNAUTHORIZED, facts);
    case "notModified":
      return { kind: "unchanged" };
    case "messageGone":
      return item.action.kind === "delete" ? { kind: "unchanged" } : { kind: "giveUp", coolOff: undefined };
    case "migrated":
      return { kind: "migrate", toChatId: failure.toChatId };
    case "formattingRefused":
      return retryAs(item, withoutFormatting(item.action), facts);
    case "threadGone":
      return retryAs(item, withoutThread(item.action), facts);
    case "forbidden":
    case "chatGone":
      return { kind: "chatLost" };
    default:
      return { kind: "giveUp", coolOff: undefined };
  }
}

function afterRateLimit(item: OutboxItem, retryAfterMs: number, { nowMs }: FailureFacts): Verdict {
  const coolOff = { untilMs: nowMs + retryAfterMs + COOL_OFF_MARGIN_MS, long: retryAfterMs > COSMETIC_PATIENCE_MS };
  if (coolOff.long && isDispensable(item)) return { kind: "giveUp", coolOff };
  return { kind: "retry", item, quietUntilMs: coolOff.untilMs, coolOff };
}

function afterTransient(item: OutboxItem, backOff: BackOff, { nowMs, chatFailures, random }: FailureFacts): Verdict {
  const attempts = item.attempts + 1;
  const quietUntilMs = nowMs + backOffMs(backOff, chatFailures, random);
  const notBeforeMs = attempts < SUSPECT_ATTEMPTS ? quietUntilMs : quietUntilMs + SUSPECT_DELAY_MS;
  return { kind: "retry", item: { ...item, attempts, notBeforeMs }, quietUntilMs, coolOff: undefined };
}

/** Once more in a simpler form, at once; `undefined` where it was that simple already. */
function retryAs(item: OutboxItem, action: OutboxAction | undefined, { nowMs }: FailureFacts): Verdict {
  if (action === undefined) return { kind: "giveUp", coolOff: undefined };
  return { kind: "retry", item: { ...item, action }, quietUntilMs: nowMs, coolOff: undefined };
}

function withoutFormatting(action: OutboxAction): OutboxAction | undefined {
  if (action.kind === "document") {
    return action.caption?.entities === undefined ? undefined : { ...action, caption: { text: action.caption.text } };
  }
  if (!("content" in action) || action.content.entities === undefined) return undefined;
  return { ...action, content: { ...action.content, entities: undefined } };
}

function withoutThread(action: OutboxAction): OutboxAction | undefined {
  if (!("delivery" in action) || action.delivery.threadId === undefined) return undefined;
  return { ...action, delivery: { ...action.delivery, threadId: undefined } };
}
