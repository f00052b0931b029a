/** Owns the seam between us and Telegram. What stands behind it can be changed without anything above noticing. */
import type { TelegramMethod, TelegramParams, TelegramResult } from "./telegramMethods.ts";

export interface TelegramPort {
  /**
   * Calls one method of the Bot API, once: no retry happens here. Every call has a deadline of its own.
   *
   * @throws TelegramApiError always, and nothing else.
   */
  call<M extends TelegramMethod>(
    method: M,
    params: TelegramParams[M],
    signal?: AbortSignal,
  ): Promise<TelegramResult<M>>;
}
