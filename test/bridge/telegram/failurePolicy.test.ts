import { describe, expect, it } from "vitest";
import type { TelegramFailure } from "../../../bridge/telegram/api/telegramApiError.ts";
import { afterFailure, COOL_OFF_MARGIN_MS } from "../../../bridge/telegram/outbox/failurePolicy.ts";
import type { OutboxItem } from "../../../bridge/telegram/outbox/outboxItem.ts";
import { PRIORITIES } from "../../../bridge/telegram/outbox/priority.ts";
import { edit, item } from "./outboxItems.ts";

const facts = { nowMs: 1000, chatFailures: 0, random: 1 };
const network: TelegramFailure = { code: "network", timedOut: false };
const verdict = (details: Partial<OutboxItem>, failure: TelegramFailure) =>
  afterFailure(item(1, details), failure, facts);

describe("after a 429", () => {
  it.each(PRIORITIES)("the whole chat is quiet for as long as asked and a little more (%s)", (priority) => {
    const result = verdict({ priority }, { code: "rateLimited", retryAfterMs: 3000 });
    expect(result).toMatchObject({ kind: "retry", quietUntilMs: 4000 + COOL_OFF_MARGIN_MS });
  });

  it.each([
    { priority: "tail", kind: "giveUp" },
    { priority: "info", kind: "giveUp" },
    { priority: "done", kind: "retry" },
    { priority: "error", kind: "retry" },
    { priority: "reply", kind: "retry" },
    { priority: "approval", kind: "retry" },
  ] as const)("a long pause: $priority -> $kind", ({ priority, kind }) => {
    const result = verdict({ priority }, { code: "rateLimited", retryAfterMs: 60_000 });
    expect(result).toMatchObject({ kind, coolOff: { untilMs: 61_000 + COOL_OFF_MARGIN_MS, long: true } });
  });

  it("an edit is kept also where it is cosmetic, since only the latest waits", () => {
    const result = verdict({ priority: "tail", action: edit(7, "a") }, { code: "rateLimited", retryAfterMs: 60_000 });
    expect(result.kind).toBe("retry");
  });
});

describe("after a network or server failure", () => {
  it.each([network, { code: "server", status: 502 } as const])("$code: tries again later", (failure) => {
    expect(verdict({}, failure)).toEqual({
      kind: "retry",
      item: item(1, { attempts: 1, notBeforeMs: 2000 }),
      quietUntilMs: 2000,
      coolOff: undefined,
    });
  });

  it("waits longer each time, up to 15 s", () => {
    const waits = [0, 1, 2, 3, 4, 5, 100].map((chatFailures) => {
      const result = afterFailure(item(1), network, { ...facts, chatFailures });
      return result.kind === "retry" ? result.quietUntilMs - facts.nowMs : undefined;
    });
    expect(waits).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  });

  it("lets the others of the chat go first from the third failure on, in case it is this item", () => {
    const result = verdict({ attempts: 2 }, network);
    expect(result).toMatchObject({ quietUntilMs: 2000, item: { notBeforeMs: 3000 } });
  });
});

describe("after other refusals", () => {
  const formatted = { text: "a", entities: [{ type: "bold", offset: 0, length: 1 }] };
  it.each([
    { failure: { code: "notModified" }, details: { action: edit(7, "a") }, expected: { kind: "unchanged" } },
    {
      failure: { code: "messageGone" },
      details: { action: { kind: "delete", messageId: 7 } },
      expected: { kind: "unchanged" },
    },
    { failure: { code: "messageGone" }, details: { action: edit(7, "a") }, expected: { kind: "giveUp" } },
    { failure: { code: "messageNotEditable" }, details: { action: edit(7, "a") }, expected: { kind: "giveUp" } },
    { failure: { code: "badRequest" }, details: { priority: "approval" }, expected: { kind: "giveUp" } },
    { failure: { code: "aborted" }, details: {}, expected: { kind: "giveUp" } },
    { failure: { code: "forbidden", reason: "blocked" }, details: {}, expected: { kind: "chatLost" } },
    { failure: { code: "chatGone" }, details: {}, expected: { kind: "chatLost" } },
    { failure: { code: "migrated", toChatId: -9 }, details: {}, expected: { kind: "migrate", toChatId: -9 } },
    { failure: { code: "unauthorized" }, details: {}, expected: { kind: "retry", quietUntilMs: 16_000 } },
    {
      failure: { code: "formattingRefused" },
      details: { action: { kind: "send", content: formatted, delivery: {} } },
      expected: {
        kind: "retry",
        quietUntilMs: 1000,
        item: { action: { content: { text: "a", entities: undefined } } },
      },
    },
    { failure: { code: "formattingRefused" }, details: {}, expected: { kind: "giveUp" } },
    {
      failure: { code: "threadGone" },
      details: { action: { kind: "send", content: { text: "a" }, delivery: { threadId: 3 } } },
      expected: { kind: "retry", item: { action: { delivery: { threadId: undefined } } } },
    },
    { failure: { code: "threadGone" }, details: {}, expected: { kind: "giveUp" } },
  ] as const)("$failure.code -> $expected.kind", ({ failure, details, expected }) => {
    expect(verdict(details, failure)).toMatchObject(expected);
  });
});
