/** Owns what a failed poll means: how it is shown, and how long to wait before the next. Pure. */
import { type BackOff, backOffMs } from "./backOff.ts";
import type { AwayReason } from "./connectionStatus.ts";
import type { TelegramApiError } from "./telegramApiError.ts";

export interface PollSetback {
  readonly why: AwayReason;
  readonly message: string;
  readonly waitMs: number;
  /** A webhook stands in the way, which `deleteWebhook` removes. */
  readonly webhookInTheWay: boolean;
}

const COMMON: BackOff = { firstMs: 1_000, longestMs: 15_000 };
// The two processes take the updates from each other at every try, so neither should try often.
const CONFLICT: BackOff = { firstMs: 5_000, longestMs: 30_000 };
// Only a person can mend it.
const UNAUTHORIZED: BackOff = { firstMs: 15_000, longestMs: 60_000 };

/**
 * @param attempt failures in a row before this one.
 * @param random from 0 to 1.
 */
export function afterPollFailure(error: TelegramApiError, attempt: number, random: number): PollSetback {
  const { failure } = error;
  const wait = (backOff: BackOff) => backOffMs(backOff, attempt, random);
  const setback = { waitMs: wait(COMMON), webhookInTheWay: false };
  switch (failure.code) {
    case "network":
      return { ...setback, why: "network", message: "Telegram cannot be reached; trying again" };
    case "server":
      return {
        ...setback,
        why: "server",
        message: `Telegram has trouble of its own (${failure.status}); trying again`,
      };
    case "rateLimited":
      return { ...setback, why: "rateLimited", message: "Telegram asked for a pause", waitMs: failure.retryAfterMs };
    case "conflict":
      return failure.with === "webhook"
        ? { ...setback, why: "conflict", message: "The bot has a webhook; removing it", webhookInTheWay: true }
        : {
            ...setback,
            why: "conflict",
            message: "Another process uses the same bot token; stop it, or give one of the two a bot of its own",
            waitMs: wait(CONFLICT),
          };
    case "unauthorized":
      return {
        ...setback,
        why: "unauthorized",
        message: "Telegram does not accept the bot token; get a new one from @BotFather",
        waitMs: wait(UNAUTHORIZED),
      };
    default:
      return { ...setback, why: "refused", message: error.message, waitMs: wait(CONFLICT) };
  }
}
