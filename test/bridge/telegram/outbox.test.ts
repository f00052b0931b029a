/** The outbox at work: over HTTP, through telegraf, against a server that refuses what Telegram refuses. */
import { fmt, pre } from "telegraf/format";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TelegrafPort } from "../../../bridge/telegram/api/telegrafPort.ts";
import { Outbox } from "../../../bridge/telegram/outbox/outbox.ts";
import { PRIORITIES } from "../../../bridge/telegram/outbox/priority.ts";
import { type RateLimits, TELEGRAM_RATE_LIMITS } from "../../../bridge/telegram/outbox/rateBudget.ts";
import type { FakeUser } from "../../fakes/telegramServer/fakeUser.ts";
import { TelegramServer } from "../../fakes/telegramServer/telegramServer.ts";

// Telegram's limits at a speed that a test can wait for.
const WINDOW_MS = 200;
const MAX_IN_WINDOW = 4;
const FAST: RateLimits = {
  ...TELEGRAM_RATE_LIMITS,
  privateChat: [{ max: MAX_IN_WINDOW, windowMs: WINDOW_MS }],
  group: [{ max: MAX_IN_WINDOW, windowMs: WINDOW_MS }],
  cautionMs: 0,
};

let server: TelegramServer;
let outbox: Outbox;
let anna: FakeUser;
beforeEach(async () => {
  server = await TelegramServer.start();
  anna = server.user("Anna");
  const port = new TelegrafPort({ token: server.token, apiRoot: server.apiRoot, deadlineMs: 2_000 });
  // Without jitter, and a first wait of 750 ms after a failure.
  outbox = new Outbox({ port, limits: FAST, random: () => 0 });
});
afterEach(async () => {
  await outbox.stop();
  await server.stop();
});

const send = (text: string, priority: (typeof PRIORITIES)[number] = "done", chatId = anna.id) =>
  outbox.send(chatId, { text }, { priority });
const texts = (chatId = anna.id) => server.fromBot(chatId).map(({ text }) => text);
const outcomes = (work: readonly Promise<unknown>[]) => Promise.allSettled(work);

describe("sending", () => {
  it("shows text, formatting and buttons, without link previews", async () => {
    const content = fmt`Run ${pre("bash")("rm -rf <build> & echo *done*")}?`;
    const keyboard = [[{ text: "✅ Approve", callback_data: "a:1", style: "success" as const }]];
    const sent = await outbox.send(anna.id, { ...content, keyboard }, { priority: "approval", protected: true });
    expect(server.fromBot(anna.id)).toMatchObject([
      {
        messageId: sent.messageId,
        text: "Run rm -rf <build> & echo *done*?",
        entities: [{ type: "pre", offset: 4, length: 28, language: "bash" }],
        keyboard,
      },
    ]);
    expect(server.calls("sendMessage")[0]?.params).toMatchObject({
      link_preview_options: { is_disabled: true },
      protect_content: true,
    });
  });

  it("makes several messages of a long text, in order, with the buttons under the last", async () => {
    const text = Array.from({ length: 900 }, (_, line) => `line ${line} 😀`).join("\n");
    const keyboard = [[{ text: "Stop", callback_data: "s" }]];
    const sent = await outbox.send(anna.id, { text, keyboard }, { priority: "reply" });
    const shown = server.fromBot(anna.id);
    expect(shown.map((message) => message.text).join("")).toBe(text);
    expect(sent.partIds).toEqual(shown.map((message) => message.messageId));
    expect(shown.map((message) => message.keyboard.length)).toEqual([...shown.slice(1).map(() => 0), 1]);
    expect(sent.messageId).toBe(sent.partIds.at(-1));
  });

  it("takes the urgent first", async () => {
    await outcomes([...PRIORITIES].reverse().map((priority) => send(priority, priority)));
    // The first was under way before the others came.
    expect(texts()).toEqual(["tail", "approval", "reply", "error", "done", "info"]);
  });

  it("refuses a blank text itself", async () => {
    await expect(send(" \n")).rejects.toMatchObject({ code: "blank" });
    expect(server.calls()).toEqual([]);
  });

  it("sends files", async () => {
    const file = { fileName: "build.log", text: "all of it", caption: { text: "The log" } };
    await outbox.sendDocument(anna.id, file, { priority: "reply" });
    expect(server.fromBot(anna.id)[0]?.document).toEqual({ fileName: "build.log", content: "all of it" });
  });
});

describe("the budget", () => {
  it("is kept in each chat, by sends, edits and deletions together", async () => {
    server.floods.enforce({ max: MAX_IN_WINDOW + 1, windowMs: WINDOW_MS, retryAfterS: 60 });
    const group = server.group("Team");
    const chats = [anna.id, group.id];
    const first = await Promise.all(chats.map((chatId) => send("first", "done", chatId)));
    const work = first.flatMap(({ chatId, messageId }) => [
      ...Array.from({ length: 8 }, (_, index) => send(`${index}`, "done", chatId)),
      outbox.edit({ chatId, messageId, priority: "done" }, { text: "edited" }),
      ...Array.from({ length: 3 }, (_, index) => send(`again ${index}`, "approval", chatId)),
    ]);
    const results = await outcomes(work);
    expect(results.map(({ status }) => status)).toEqual(work.map(() => "fulfilled"));
    for (const chatId of chats) {
      expect(server.floods.busiestWindow(chatId, WINDOW_MS)).toBeLessThanOrEqual(MAX_IN_WINDOW);
      expect(server.floods.traffic(chatId).some(({ refused }) => refused)).toBe(false);
    }
  });
});

describe("edits", () => {
  it("of one message that wait are one edit, the latest", async () => {
    const { messageId } = await send("0", "tail");
    const target = { chatId: anna.id, messageId, priority: "tail" } as const;
    const results = await Promise.all(["1", "2", "3", "4"].map((text) => outbox.edit(target, { text })));
    expect(results).toEqual(["applied", "superseded", "superseded", "applied"]);
    expect(server.fromBot(anna.id)[0]?.history.map(({ text }) => text)).toEqual(["0", "1", "4"]);
  });

  it("that change nothing are not sent", async () => {
    const { messageId } = await send("same");
    const target = { chatId: anna.id, messageId, priority: "tail" } as const;
    expect(await outbox.edit(target, { text: "same" })).toBe("unchanged");
    expect(server.calls("editMessageText")).toEqual([]);
  });

  it("that turn out to change nothing are no failure", async () => {
    const { messageId } = await send("same");
    // A second outbox does not know what the message shows.
    const port = new TelegrafPort({ token: server.token, apiRoot: server.apiRoot });
    const other = new Outbox({ port });
    expect(await other.edit({ chatId: anna.id, messageId, priority: "tail" }, { text: "same" })).toBe("unchanged");
    await other.stop();
  });

  it("can take the buttons away, and cut what is too long", async () => {
    const keyboard = [[{ text: "Stop", callback_data: "s" }]];
    const { messageId } = await outbox.send(anna.id, { text: "log", keyboard }, { priority: "tail" });
    const target = { chatId: anna.id, messageId, priority: "tail" } as const;
    expect(await outbox.editKeyboard(target, undefined)).toBe("applied");
    expect(await outbox.editKeyboard(target, undefined)).toBe("unchanged");
    expect(await outbox.edit(target, { text: "x".repeat(5000) })).toBe("applied");
    expect(server.fromBot(anna.id)[0]).toMatchObject({ keyboard: [], text: `${"x".repeat(4095)}…` });
  });

  it("of a message that is gone say so, and deleting it twice is fine", async () => {
    const { messageId } = await send("a");
    const target = { chatId: anna.id, messageId, priority: "done" } as const;
    expect(await outbox.delete(target)).toBe("applied");
    expect(await outbox.delete(target)).toBe("unchanged");
    await expect(outbox.edit(target, { text: "b" })).rejects.toMatchObject({ code: "messageGone" });
  });
});

describe("a 429", () => {
  it("loses no approval, sends nothing inside its window, and holds up no other chat", async () => {
    const ben = server.user("Ben");
    server.floods.flood(anna.id, 1.2);
    const paused: number[] = [];
    outbox.onDidCoolOff(({ chatId }) => paused.push(chatId));
    const approvals = Array.from({ length: 6 }, (_, index) => send(`approval ${index}`, "approval"));
    await server.waitFor(() => server.floods.traffic(anna.id)[0]);
    await send("to Ben", "info", ben.id);
    expect(texts()).toEqual([]);
    await Promise.all(approvals);
    expect(texts()).toEqual(Array.from({ length: 6 }, (_, index) => `approval ${index}`));
    expect(server.floods.traffic(anna.id).filter(({ insideWindow }) => insideWindow)).toEqual([]);
    expect(paused).toEqual([anna.id]);
    expect(outbox.status).toMatchObject({ rateLimited: 1, queued: 0, coolingOff: [] });
  });

  it("that is long gives up cosmetic messages, and those alone, and counts them", async () => {
    server.floods.flood(anna.id, 3600);
    const kept = (["approval", "reply", "error", "done"] as const).map((priority) => send(priority, priority));
    const cosmetic = (["info", "tail"] as const).map((priority) => send(priority, priority));
    const given = await outcomes(cosmetic);
    expect(given).toMatchObject([{ reason: { code: "coolingOff" } }, { reason: { code: "coolingOff" } }]);
    await expect(send("later", "info")).rejects.toMatchObject({ code: "coolingOff" });
    expect(outbox.status).toMatchObject({
      queued: 4,
      coolingOff: [{ chatId: anna.id }],
      dropped: { approval: 0, reply: 0, error: 0, done: 0, info: 2, tail: 1 },
    });
    await outbox.stop();
    const ended = await outcomes(kept);
    expect(ended.map((result) => (result.status === "rejected" ? result.reason.code : ""))).toEqual(
      kept.map(() => "stopped"),
    );
  });
});

describe("trouble on the way", () => {
  it.each(["reset", "badGateway", "captivePortal", "silence"] as const)(
    "%s: the message comes all the same, once",
    async (fault) => {
      server.faults.next(fault);
      await send("still here", "approval");
      expect(texts()).toEqual(["still here"]);
    },
  );

  it("a lost answer may send twice, but never loses", async () => {
    server.faults.next("lostAnswer");
    await send("at least once", "approval");
    expect(texts()).toEqual(["at least once", "at least once"]);
  });

  it("an outage keeps everything, in order, and delivers it afterwards", async () => {
    server.goDown();
    const work = ["one", "two", "three"].map((text) => send(text, "error"));
    const settled: unknown[] = [];
    for (const one of work) void one.then((sent) => settled.push(sent));
    await expect(
      new TelegrafPort({ token: server.token, apiRoot: server.apiRoot }).call("getMe", {}),
    ).rejects.toThrow();
    expect(settled).toEqual([]);
    server.comeBack();
    await Promise.all(work);
    expect(texts()).toEqual(["one", "two", "three"]);
  });

  it.each([
    { name: "of an unknown kind", entities: [{ type: "blink", offset: 0, length: 2 }] },
    { name: "that cuts an emoji", entities: [{ type: "bold", offset: 1, length: 2 }] },
  ])("refused formatting ($name) is left out, and the text sent all the same", async ({ entities }) => {
    await outbox.send(anna.id, { text: "😀a", entities }, { priority: "approval" });
    expect(server.fromBot(anna.id)).toMatchObject([{ text: "😀a", entities: [] }]);
    expect(server.calls("sendMessage")).toHaveLength(2);
  });

  it("a topic that was deleted is left out", async () => {
    const group = server.group("Team", { threads: [4] });
    await outbox.send(group.id, { text: "in the topic" }, { priority: "done", threadId: 4 });
    await outbox.send(group.id, { text: "topic gone" }, { priority: "done", threadId: 5 });
    expect(server.fromBot(group.id).map(({ threadId }) => threadId)).toEqual([4, undefined]);
  });
});

describe("chats that change", () => {
  it("a bot that was blocked is told, once for all that waits, and others go on", async () => {
    const ben = server.user("Ben");
    anna.blocksBot();
    const lost: unknown[] = [];
    outbox.onDidLoseChat(({ chatId, error }) => lost.push([chatId, error.failure]));
    const results = await outcomes([send("a", "approval"), send("b", "info"), send("to Ben", "info", ben.id)]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
    expect(lost).toEqual([[anna.id, { code: "forbidden", reason: "blocked" }]]);
    anna.unblocksBot();
    await send("again");
    expect(texts()).toEqual(["again"]);
  });

  it("a group that became a supergroup gets all that waits at its new address", async () => {
    const group = server.group("Team");
    const supergroup = server.migrate(group);
    const moved: unknown[] = [];
    outbox.onDidMigrateChat((move) => moved.push(move));
    const sent = await Promise.all(["one", "two"].map((text) => send(text, "approval", group.id)));
    expect(sent.map(({ chatId }) => chatId)).toEqual([supergroup.id, supergroup.id]);
    expect(texts(supergroup.id)).toEqual(["one", "two"]);
    expect(moved).toEqual([{ fromChatId: group.id, toChatId: supergroup.id }]);
    expect((await send("three", "info", group.id)).chatId).toBe(supergroup.id);
  });
});

describe("answering a press", () => {
  it("does not wait for the chat's budget or its pause", async () => {
    const keyboard = [[{ text: "Go", callback_data: "a:1" }]];
    await outbox.send(anna.id, { text: "Approve?", keyboard }, { priority: "approval" });
    const [message] = server.fromBot(anna.id);
    if (message === undefined) throw new Error("not sent");
    server.floods.flood(anna.id, 3600);
    void send("held up", "approval").catch(() => undefined);
    await server.waitFor(() => server.floods.traffic(anna.id)[1]);
    const answered = anna.presses(message, "Go");
    server.faults.next("badGateway", { method: "answerCallbackQuery" });
    expect(await outbox.answerCallback({ queryId: server.queries.latestId, text: "é".repeat(300) })).toBe("answered");
    expect((await answered).text).toBe(`${"é".repeat(199)}…`);
    expect(await outbox.answerCallback({ queryId: server.queries.latestId })).toBe("expired");
  });
});

describe("stopping", () => {
  it("waits for what is being sent, and takes nothing more", async () => {
    const under = send("under way");
    const waiting = send("waiting");
    const stopping = outbox.stop();
    const after = send("after");
    const results = await outcomes([under, waiting, after]);
    await stopping;
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(texts()).toEqual(["under way"]);
  });

  it("breaks off a call that nobody answers", async () => {
    server.faults.next("silence");
    const hanging = outcomes([send("into the void")]);
    await outbox.stop(10);
    expect(await hanging).toMatchObject([{ status: "rejected", reason: { code: "aborted" } }]);
  });
});
