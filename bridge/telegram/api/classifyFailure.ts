/**
 * Owns reading Telegram's refusals. The Bot API has no error codes beyond the HTTP status, so texts decide; they are those
 * of the server's own source (tdlib/telegram-bot-api, Client.cpp) and of TDLib.
 */
import type { ForbiddenReason, TelegramFailure } from "./telegramApiError.ts";

/** An answer with `ok: false`. */
export interface Refusal {
  readonly status: number;
  readonly description: string;
  readonly retryAfterS?: number | undefined;
  readonly migrateToChatId?: number | undefined;
}

// What a 429 without its `retry_after` is taken to ask for.
const UNSTATED_RETRY_AFTER_MS = 5_000;

export function classifyRefusal(refusal: Refusal): TelegramFailure {
  const { status, description } = refusal;
  if (refusal.migrateToChatId !== undefined) return { code: "migrated", toChatId: refusal.migrateToChatId };
  if (status === 429) {
    const { retryAfterS } = refusal;
    return {
      code: "rateLimited",
      retryAfterMs: retryAfterS === undefined ? UNSTATED_RETRY_AFTER_MS : retryAfterS * 1000,
    };
  }
  if (status >= 500) return { code: "server", status };
  if (status === 401) return { code: "unauthorized" };
  // A token that is not even shaped like one gets a bare "Not Found"; an unknown method says so.
  if (status === 404) return /method/i.test(description) ? { code: "badRequest" } : { code: "unauthorized" };
  if (status === 409) return { code: "conflict", with: /webhook/i.test(description) ? "webhook" : "poller" };
  if (status === 403) return { code: "forbidden", reason: forbiddenReason(description) };
  return classifyBadRequest(description);
}

function forbiddenReason(description: string): ForbiddenReason {
  if (/blocked by the user/i.test(description)) return "blocked";
  if (/deactivated/i.test(description)) return "deactivated";
  if (/kicked|not a member|group chat was deleted/i.test(description)) return "removed";
  if (/can't initiate conversation/i.test(description)) return "neverStarted";
  return "other";
}

const BAD_REQUESTS: readonly (readonly [RegExp, TelegramFailure])[] = [
  [/message is not modified/i, { code: "notModified" }],
  [/message to (edit|delete|be replied|reply) not found|message_id_invalid/i, { code: "messageGone" }],
  [/message can't be (edited|deleted)/i, { code: "messageNotEditable" }],
  [/message thread not found|topic_deleted/i, { code: "threadGone" }],
  [/query is too old|query id is invalid|query_id_invalid/i, { code: "queryExpired" }],
  [/chat not found|group chat was deactivated|peer_id_invalid/i, { code: "chatGone" }],
  [/not enough rights|have no rights|chat_write_forbidden/i, { code: "forbidden", reason: "noRights" }],
  [/can't parse (entit|messageentity)|entity (begin|end)|entity with incorrect/i, { code: "formattingRefused" }],
];

function classifyBadRequest(description: string): TelegramFailure {
  return BAD_REQUESTS.find(([text]) => text.test(description))?.[1] ?? { code: "badRequest" };
}
