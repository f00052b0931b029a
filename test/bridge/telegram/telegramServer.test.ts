/** The fake has to be as strict as Telegram, or what passes here fails there. Asked through telegraf, as the bridge does. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ALLOWED_UPDATES } from "../../../bridge/telegram/api/incomingUpdate.ts";
import { TelegrafPort } from "../../../bridge/telegram/api/telegrafPort.ts";
import type { TelegramPort } from "../../../bridge/telegram/api/telegramPort.ts";
import type { FakeUser } from "../../fakes/telegramServer/fakeUser.ts";
import { TelegramServer } from "../../fakes/telegramServer/telegramServer.ts";

let server: TelegramServer;
let port: TelegramPort;
let anna: FakeUser;
beforeEach(async () => {
  server = await TelegramServer.start();
  port = new TelegrafPort({ token: server.token, apiRoot: server.apiRoot });
  anna = server.user("Anna", "anna");
});
afterEach(() => server.stop());

const send = (text: string, more: object = {}) => port.call("sendMessage", { chat_id: anna.id, text, ...more });
const go = (data: string) => ({ reply_markup: { inline_keyboard: [[{ text: "Go", callback_data: data }]] } });
const button = (details: object) => ({ reply_markup: { inline_keyboard: [[{ text: "Go", ...details }]] } });
const entity = (offset: number, length: number, type = "bold") => ({ entities: [{ type, offset, length }] });

describe("what it refuses to show", () => {
  it.each([
    ["an empty text", "", {}, "message text is empty"],
    ["white space", " \n", {}, "message text is empty"],
    ["4,097 characters", "x".repeat(4097), {}, "message is too long"],
    ["half a surrogate pair", "a\uD83D", {}, "UTF-8"],
    ["65 bytes of data", "a", button({ callback_data: "é".repeat(33) }), "BUTTON_DATA_INVALID"],
    ["no data", "a", button({ callback_data: "" }), "BUTTON_DATA_INVALID"],
    ["a button that does nothing", "a", button({}), "Text buttons are unallowed"],
    ["a style that there is not", "a", button({ callback_data: "x", style: "red" }), "invalid button style"],
    ["an entity behind the end", "abc", entity(2, 2), "ends after the end of the text"],
    ["an entity without length", "abc", entity(0, 0), "incorrect length"],
    ["an entity in the middle of an emoji", "😀a", entity(1, 2), "begins in a middle of a UTF-16 symbol"],
    ["an unknown kind of entity", "abc", entity(0, 1, "blink"), "unsupported type"],
    ["a misspelt parameter", "abc", { disable_notifications: true }, "unknown parameter"],
    ["an unknown topic", "abc", { message_thread_id: 9 }, "message thread not found"],
    ["an answer to nothing", "abc", { reply_parameters: { message_id: 9 } }, "message to be replied not found"],
  ])("%s", async (_name, text, more, refusal) => {
    await expect(send(text, more)).rejects.toThrow(refusal);
    expect(server.messages(anna.id)).toEqual([]);
  });

  it("but 4,096 emoji are 4,096 characters, and 64 bytes of data fit", async () => {
    await send("😀".repeat(4096), button({ callback_data: "é".repeat(32), style: "success" }));
    expect(server.messages(anna.id)).toHaveLength(1);
  });
});

describe("changes", () => {
  it("need a message of the bot's own, and something to change", async () => {
    const { message_id } = await send("a", go("x"));
    const target = { chat_id: anna.id, message_id };
    const same = { ...target, text: "a", ...go("x") };
    await expect(port.call("editMessageText", same)).rejects.toMatchObject({ code: "notModified" });
    await port.call("editMessageReplyMarkup", target);
    await expect(port.call("editMessageReplyMarkup", target)).rejects.toMatchObject({ code: "notModified" });
    const theirs = { ...target, message_id: anna.sends("mine").messageId, text: "b" };
    await expect(port.call("editMessageText", theirs)).rejects.toMatchObject({ code: "messageNotEditable" });
    await port.call("deleteMessage", target);
    await expect(port.call("editMessageText", { ...target, text: "b" })).rejects.toMatchObject({ code: "messageGone" });
    await expect(port.call("deleteMessage", target)).rejects.toMatchObject({ code: "messageGone" });
  });
});

describe("presses", () => {
  it("are answered once", async () => {
    await send("Approve?", go("a:1"));
    const [message] = server.fromBot(anna.id);
    if (message === undefined) throw new Error("not sent");
    const answered = anna.presses(message, "Go");
    const [update] = await poll();
    expect(update).toMatchObject({
      callback_query: { data: "a:1", from: { id: anna.id }, message: { message_id: 1 } },
    });
    const { id } = (update as { callback_query: { id: string } }).callback_query;
    const answer = { callback_query_id: id, text: "Done" };
    await port.call("answerCallbackQuery", answer);
    expect(await answered).toEqual({ text: "Done", alert: false });
    await expect(port.call("answerCallbackQuery", answer)).rejects.toMatchObject({ code: "queryExpired" });
  });

  it("are too old after a while", async () => {
    await send("Approve?", go("a:1"));
    const [message] = server.fromBot(anna.id);
    if (message === undefined) throw new Error("not sent");
    void anna.presses(message, "Go");
    const [update] = await poll();
    const { id } = (update as { callback_query: { id: string } }).callback_query;
    server.queries.expireAll();
    const late = port.call("answerCallbackQuery", { callback_query_id: id });
    await expect(late).rejects.toMatchObject({ code: "queryExpired" });
  });

  it("need a button that is there", async () => {
    await send("no buttons");
    const [message] = server.fromBot(anna.id);
    if (message === undefined) throw new Error("not sent");
    expect(() => anna.presses(message, "Go")).toThrow("has no button");
  });
});

describe("chats", () => {
  it("can be unknown, closed to the bot, or moved", async () => {
    await expect(port.call("sendMessage", { chat_id: 1, text: "a" })).rejects.toMatchObject({ code: "chatGone" });
    anna.blocksBot();
    await expect(send("a")).rejects.toMatchObject({ failure: { code: "forbidden", reason: "blocked" } });
    const group = server.group("Team");
    const moved = server.migrate(group);
    const sent = port.call("sendMessage", { chat_id: group.id, text: "a" });
    await expect(sent).rejects.toMatchObject({ failure: { code: "migrated", toChatId: moved.id } });
  });

  it("that are flooded say for how long, and notice who does not wait", async () => {
    server.floods.flood(anna.id, 30);
    await expect(send("a")).rejects.toMatchObject({ failure: { code: "rateLimited", retryAfterMs: 30_000 } });
    await expect(send("a")).rejects.toMatchObject({ code: "rateLimited" });
    expect(server.floods.traffic(anna.id).map(({ insideWindow }) => insideWindow)).toEqual([false, true]);
  });
});

describe("updates", () => {
  it("come again until they are confirmed by the next offset", async () => {
    anna.sends("one");
    anna.sends("two");
    const [first, second] = (await poll()) as { update_id: number }[];
    expect(await poll()).toHaveLength(2);
    expect(await poll((first?.update_id ?? 0) + 1)).toEqual([second]);
    expect(server.updates.unconfirmed).toBe(1);
  });

  it("wait for something to come", async () => {
    const waiting = poll(undefined, 30);
    await server.waitForPoll();
    anna.sends("now");
    expect(await waiting).toHaveLength(1);
  });

  it("go to one poller: a second ends the first", async () => {
    const first = poll(undefined, 30);
    const refused = expect(first).rejects.toMatchObject({ failure: { code: "conflict", with: "poller" } });
    await server.waitForPoll();
    expect(await poll()).toEqual([]);
    await refused;
  });
});

describe("documents and other calls", () => {
  it("take a file with everything that belongs to it", async () => {
    const first = await send("log?");
    await port.call("sendDocument", {
      chat_id: anna.id,
      document: { fileName: "build.log", text: "line 1\nlíne 2 😀\n" },
      caption: "7",
      caption_entities: [{ type: "code", offset: 0, length: 1 }],
      reply_parameters: { message_id: first.message_id, allow_sending_without_reply: true },
      disable_notification: true,
      ...go("x"),
    });
    expect(server.fromBot(anna.id).at(-1)).toMatchObject({
      document: { fileName: "build.log", content: "line 1\nlíne 2 😀\n" },
      text: "7",
      entities: [{ type: "code", offset: 0, length: 1 }],
      replyToMessageId: first.message_id,
      silent: true,
      keyboard: [[{ text: "Go", callback_data: "x" }]],
    });
  });

  it("take commands in their form alone", async () => {
    await port.call("setMyCommands", { commands: [{ command: "tail", description: "Follow a log" }] });
    expect(server.commandSettings).toHaveLength(1);
    const wrong = port.call("setMyCommands", { commands: [{ command: "Tail!", description: "x" }] });
    await expect(wrong).rejects.toThrow("BOT_COMMAND_INVALID");
  });

  it("count typing as traffic", async () => {
    await port.call("sendChatAction", { chat_id: anna.id, action: "typing" });
    expect(server.floods.traffic(anna.id)).toHaveLength(1);
  });
});

function poll(offset?: number, timeout = 0): Promise<unknown[]> {
  const from = offset === undefined ? {} : { offset };
  return port.call("getUpdates", { ...from, timeout, allowed_updates: ALLOWED_UPDATES });
}
