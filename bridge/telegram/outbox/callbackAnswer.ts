/**
 * Owns answering a press: the toast, and the end of the button's waiting animation. It is outside the chat's budget, and it
 * has to be quick: Telegram forgets a press after about 15 s.
 */
import { backOffMs } from "../api/backOff.ts";
import type { Clock } from "../api/clock.ts";
import { TelegramApiError } from "../api/telegramApiError.ts";
import type { TelegramPort } from "../api/telegramPort.ts";

export interface CallbackAnswer {
  readonly queryId: string;
  /** The toast; cut to 200 characters. Nothing is shown without it. */
  readonly text?: string;
  /** A box that has to be closed, instead of a toast. */
  readonly alert?: boolean;
}

/** Trying longer would only be told that the press is too old. */
const ANSWER_WITHIN_MS = 10_000;
const MAX_TOAST_LENGTH = 200;

/** @returns `expired` where the press was too old or answered already. @throws TelegramApiError */
export async function answerCallback(
  port: TelegramPort,
  clock: Clock,
  answer: CallbackAnswer,
  signal: AbortSignal,
): Promise<"answered" | "expired"> {
  const deadlineMs = clock.nowMs() + ANSWER_WITHIN_MS;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await port.call("answerCallbackQuery", params(answer), signal);
      return "answered";
    } catch (error) {
      if (!(error instanceof TelegramApiError)) throw error;
      if (error.code === "queryExpired") return "expired";
      const waitMs = retryDelayMs(error, attempt);
      if (waitMs === undefined || clock.nowMs() + waitMs > deadlineMs) throw error;
      await clock.wait(waitMs, signal);
    }
  }
}

function retryDelayMs({ failure }: TelegramApiError, attempt: number): number | undefined {
  if (failure.code === "rateLimited") return failure.retryAfterMs;
  if (failure.code !== "network" && failure.code !== "server") return undefined;
  return backOffMs({ firstMs: 300, longestMs: 3_000 }, attempt, 1);
}

function params({ queryId, text, alert }: CallbackAnswer) {
  return {
    callback_query_id: queryId,
    ...(text === undefined ? {} : { text: toast(text) }),
    ...(alert === true ? { show_alert: true } : {}),
  };
}

function toast(text: string): string {
  // Counted in code points, so that no surrogate pair is cut.
  const characters = [...text.replace(/\p{Surrogate}/gu, "\uFFFD")];
  return characters.length <= MAX_TOAST_LENGTH
    ? characters.join("")
    : `${characters.slice(0, MAX_TOAST_LENGTH - 1).join("")}…`;
}
