import { describe, expect, it } from "vitest";
import { classifyRefusal } from "../../../bridge/telegram/api/classifyFailure.ts";
import { parseUpdate } from "../../../bridge/telegram/api/incomingUpdate.ts";
import { afterPollFailure } from "../../../bridge/telegram/api/pollPolicy.ts";
import { tokenRedactor } from "../../../bridge/telegram/api/redactToken.ts";
import { TelegramApiError, type TelegramFailure } from "../../../bridge/telegram/api/telegramApiError.ts";

describe("Telegram's refusals", () => {
  it.each([
    [429, "Too Many Requests: retry after 7", { code: "rateLimited", retryAfterMs: 7000 }],
    [400, "Bad Request: message is not modified: specified new message content …", { code: "notModified" }],
    [400, "Bad Request: message to edit not found", { code: "messageGone" }],
    [400, "Bad Request: message to delete not found", { code: "messageGone" }],
    [400, "Bad Request: message can't be edited", { code: "messageNotEditable" }],
    [400, "Bad Request: message can't be deleted for everyone", { code: "messageNotEditable" }],
    [400, "Bad Request: message thread not found", { code: "threadGone" }],
    [400, "Bad Request: chat not found", { code: "chatGone" }],
    [
      400,
      "Bad Request: not enough rights to send text messages to the chat",
      { code: "forbidden", reason: "noRights" },
    ],
    [400, "Bad Request: can't parse entities: Unsupported start tag", { code: "formattingRefused" }],
    [
      400,
      "Bad Request: entity beginning at UTF-16 offset 3 ends after the end of the text",
      { code: "formattingRefused" },
    ],
    [
      400,
      "Bad Request: query is too old and response timeout expired or query ID is invalid",
      { code: "queryExpired" },
    ],
    [400, "Bad Request: BUTTON_DATA_INVALID", { code: "badRequest" }],
    [400, "Bad Request: message is too long", { code: "badRequest" }],
    [401, "Unauthorized", { code: "unauthorized" }],
    [404, "Not Found", { code: "unauthorized" }],
    [404, "Not Found: method not found", { code: "badRequest" }],
    [403, "Forbidden: bot was blocked by the user", { code: "forbidden", reason: "blocked" }],
    [403, "Forbidden: user is deactivated", { code: "forbidden", reason: "deactivated" }],
    [403, "Forbidden: bot was kicked from the supergroup chat", { code: "forbidden", reason: "removed" }],
    [403, "Forbidden: bot is not a member of the channel chat", { code: "forbidden", reason: "removed" }],
    [403, "Forbidden: bot can't initiate conversation with a user", { code: "forbidden", reason: "neverStarted" }],
    [403, "Forbidden: something new", { code: "forbidden", reason: "other" }],
    [409, "Conflict: terminated by other getUpdates request", { code: "conflict", with: "poller" }],
    [409, "Conflict: can't use getUpdates method while webhook is active", { code: "conflict", with: "webhook" }],
    [502, "Bad Gateway", { code: "server", status: 502 }],
  ] as const)("%i %s", (status, description, failure) => {
    const retryAfterS = status === 429 ? 7 : undefined;
    expect(classifyRefusal({ status, description, retryAfterS })).toEqual(failure);
  });

  it("a group that became a supergroup names its new id", () => {
    const refusal = { status: 400, description: "Bad Request: group chat was upgraded to a supergroup chat" };
    expect(classifyRefusal({ ...refusal, migrateToChatId: -100 })).toEqual({ code: "migrated", toChatId: -100 });
  });
});

describe("a failed poll", () => {
  it.each([
    { failure: { code: "network", timedOut: false }, why: "network", waitMs: 1000 },
    { failure: { code: "server", status: 502 }, why: "server", waitMs: 1000 },
    { failure: { code: "rateLimited", retryAfterMs: 9000 }, why: "rateLimited", waitMs: 9000 },
    { failure: { code: "conflict", with: "poller" }, why: "conflict", waitMs: 5000 },
    { failure: { code: "conflict", with: "webhook" }, why: "conflict", waitMs: 1000, webhookInTheWay: true },
    { failure: { code: "unauthorized" }, why: "unauthorized", waitMs: 15_000 },
    { failure: { code: "badRequest" }, why: "refused", waitMs: 5000 },
  ] satisfies { failure: TelegramFailure; why: string; waitMs: number; webhookInTheWay?: boolean }[])(
    "$failure.code -> $why",
    ({ failure, why, waitMs, webhookInTheWay }) => {
      const setback = afterPollFailure(new TelegramApiError("getUpdates", failure, "said so"), 0, 1);
      expect(setback).toMatchObject({ why, waitMs, webhookInTheWay: webhookInTheWay ?? false });
    },
  );

  it("waits 1 s at first and 15 s at most", () => {
    const error = new TelegramApiError("getUpdates", { code: "network", timedOut: false }, "reset");
    const waits = [0, 1, 2, 3, 4, 50].map((attempt) => afterPollFailure(error, attempt, 1).waitMs);
    expect(waits).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000]);
    expect(afterPollFailure(error, 0, 0).waitMs).toBe(750);
  });
});

describe("hiding the token", () => {
  const token = "700100200:AAFakeFakeFakeFakeFakeFakeFakeFakeFak";
  it.each([
    ["in a URL", `request to https://api.telegram.org/bot${token}/sendMessage failed`],
    ["alone", `token ${token} is wrong`],
    ["encoded", `bot${encodeURIComponent(token)}`],
    ["another one's, in a URL", "https://host/bot123456789:SomeOtherToken_-/getMe"],
    ["another one's, alone", "123456789:AAOtherOtherOtherOtherOtherOtherOth"],
  ])("%s", (_name, text) => {
    const hidden = tokenRedactor(token)(text);
    expect(hidden).not.toMatch(/AAFake|SomeOther|AAOther/);
    expect(hidden).toContain("<bot token>");
  });

  it("leaves other text alone", () => {
    const text = "at 14:32:07 job 123456:7 said bot: 12:abc";
    expect(tokenRedactor(token)(text)).toBe(text);
  });
});

describe("updates", () => {
  const user = { id: 1, is_bot: false, first_name: "Anna" };
  const chat = { id: 1, type: "private" };
  it.each([
    [{ update_id: 5, message: { message_id: 1, date: 1, chat, from: user, text: "hi" } }, "message"],
    [{ update_id: 5, callback_query: { id: "9", from: user, data: "a:b" } }, "callbackQuery"],
    [
      { update_id: 5, my_chat_member: { chat, from: user, date: 1, new_chat_member: { status: "kicked" } } },
      "membership",
    ],
    [{ update_id: 5, stopped_message_generation: {} }, "unknown"],
    [{ update_id: 5, message: { message_id: "1" } }, "unknown"],
  ])("%j -> %s", (raw, kind) => {
    expect(parseUpdate(raw)).toMatchObject({ kind, updateId: 5 });
  });

  it.each([null, 7, {}, { update_id: "5" }])("%j cannot be told as read", (raw) => {
    expect(parseUpdate(raw)).toBeUndefined();
  });
});
