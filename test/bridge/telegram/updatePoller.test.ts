/** The long poll at work: over HTTP, through telegraf, with everything that a network and another process can do to it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLogger } from "../../../bridge/diagnostics/logger.ts";
import { type Clock, systemClock } from "../../../bridge/telegram/api/clock.ts";
import type { ConnectionStatus } from "../../../bridge/telegram/api/connectionStatus.ts";
import { ALLOWED_UPDATES, type IncomingUpdate } from "../../../bridge/telegram/api/incomingUpdate.ts";
import { TelegrafPort } from "../../../bridge/telegram/api/telegrafPort.ts";
import { type UpdateHandler, UpdatePoller } from "../../../bridge/telegram/api/updatePoller.ts";
import { TelegramServer } from "../../fakes/telegramServer/telegramServer.ts";

// Waits between tries shrink to a fiftieth, so that a test need not sit through them.
const hurriedClock: Clock = { ...systemClock, wait: (ms, signal) => systemClock.wait(ms / 50, signal) };

let server: TelegramServer;
let poller: UpdatePoller | undefined;
let logged: string[];
beforeEach(async () => {
  server = await TelegramServer.start();
  logged = [];
});
afterEach(async () => {
  await poller?.stop();
  poller = undefined;
  await server.stop();
});

function startPoller(handle: UpdateHandler = () => undefined, token = server.token): UpdatePoller {
  const port = new TelegrafPort({ token, apiRoot: server.apiRoot, deadlineMs: 1_000 });
  const logger = createLogger({ write: (line) => logged.push(line), nowMs: () => 0 });
  poller = new UpdatePoller({ port, handle, logger, clock: hurriedClock, pollTimeoutS: 20 });
  poller.start();
  return poller;
}

function statusOf(one: UpdatePoller, fits: (status: ConnectionStatus) => boolean): Promise<ConnectionStatus> {
  return new Promise((resolve) => {
    if (fits(one.status)) resolve(one.status);
    const listening = one.onDidChangeStatus((status) => {
      if (!fits(status)) return;
      listening[Symbol.dispose]();
      resolve(status);
    });
  });
}
const connected = (one: UpdatePoller) => statusOf(one, ({ state }) => state === "connected");
const away = (one: UpdatePoller, why: string) =>
  statusOf(one, (status) => status.state === "away" && status.why === why);

/** Collects the texts of messages, and lets a test wait for one. */
function inbox() {
  const texts: string[] = [];
  const handle = (update: IncomingUpdate) => {
    if (update.kind === "message") texts.push(update.message.text ?? "");
  };
  return { texts, handle, has: (text: string) => expect.poll(() => texts, { timeout: 10_000 }).toContain(text) };
}

describe("reading updates", () => {
  it("hands on messages, presses and membership, each once and in order", async () => {
    const seen: IncomingUpdate[] = [];
    const one = startPoller((update) => void seen.push(update));
    expect(await connected(one)).toMatchObject({ bot: { id: server.bot.id, username: "televibe_test_bot" } });
    const anna = server.user("Anna", "anna");
    for (let index = 0; index < 20; index += 1) anna.sends(`message ${index}`);
    anna.blocksBot();
    await server.waitFor(() => (server.updates.unconfirmed === 0 ? true : undefined));
    const texts = seen.flatMap((update) => (update.kind === "message" ? [update.message.text] : []));
    expect(texts).toEqual(Array.from({ length: 20 }, (_, index) => `message ${index}`));
    expect(seen.at(-1)).toMatchObject({ kind: "membership", change: { new_chat_member: { status: "kicked" } } });
    expect(server.calls("getUpdates")[0]?.params).toMatchObject({ allowed_updates: [...ALLOWED_UPDATES] });
  });

  it("does not let a slow handler hold back a press", async () => {
    const anna = server.user("Anna");
    const port = new TelegrafPort({ token: server.token, apiRoot: server.apiRoot });
    await port.call("sendMessage", {
      chat_id: anna.id,
      text: "Approve?",
      reply_markup: { inline_keyboard: [[{ text: "✅ Approve", callback_data: "a:1" }]] },
    });
    const tail = new AbortController();
    const order: string[] = [];
    startPoller(async (update) => {
      if (update.kind === "message") {
        order.push("tail begins");
        await new Promise((resolve) => tail.signal.addEventListener("abort", resolve));
        order.push("tail ends");
      } else if (update.kind === "callbackQuery") {
        order.push("press");
        await port.call("answerCallbackQuery", { callback_query_id: update.query.id });
      }
    });
    anna.sends("/tail");
    await expect.poll(() => order).toContain("tail begins");
    const [message] = server.fromBot(anna.id);
    if (message === undefined) throw new Error("not sent");
    await anna.presses(message, "✅ Approve");
    tail.abort();
    await expect.poll(() => order).toEqual(["tail begins", "press", "tail ends"]);
  });

  it("survives a handler that throws and updates that it does not know", async () => {
    const { texts, handle, has } = inbox();
    startPoller((update) => {
      handle(update);
      if (update.kind === "message" && update.message.text === "bad") throw new Error("a mistake of ours");
    });
    const anna = server.user("Anna");
    anna.sends("bad");
    server.updates.pushRaw({ something_new: {} });
    server.updates.pushRaw({ message: { message_id: "no number" } });
    anna.sends("good");
    await has("good");
    expect(texts).toEqual(["bad", "good"]);
    expect(logged.map((line) => /a mistake of ours|passed over/.exec(line)?.[0])).toEqual([
      "a mistake of ours",
      "passed over",
      "passed over",
    ]);
  });
});

describe("trouble", () => {
  it.each([
    { fault: "reset", why: "network" },
    { fault: "badGateway", why: "server" },
    { fault: "captivePortal", why: "network" },
  ] as const)("$fault is a state, and is got over", async ({ fault, why }) => {
    const { handle, has } = inbox();
    server.faults.next(fault, { method: "getUpdates" });
    const one = startPoller(handle);
    await away(one, why);
    await connected(one);
    server.user("Anna").sends("hello again");
    await has("hello again");
    expectNoTokenIn(logged.join(""));
  });

  it("a start without a network is no failure", async () => {
    server.goDown();
    const { handle, has } = inbox();
    const one = startPoller(handle);
    expect(await away(one, "network")).toMatchObject({ message: expect.stringContaining("cannot be reached") });
    server.user("Anna").sends("while you were away");
    server.comeBack();
    await has("while you were away");
    expect(one.status.state).toBe("connected");
    expectNoTokenIn(logged.join(""));
  });

  it("a connection that hangs is given up for a new one", async () => {
    const { handle, has } = inbox();
    const port = new TelegrafPort({ token: server.token, apiRoot: server.apiRoot, deadlineMs: 200 });
    const logger = createLogger({ write: (line) => logged.push(line), nowMs: () => 0 });
    poller = new UpdatePoller({ port, handle, logger, clock: hurriedClock, pollTimeoutS: 0.1 });
    server.faults.next("silence", { method: "getUpdates" });
    poller.start();
    await away(poller, "network");
    server.user("Anna").sends("still there?");
    await has("still there?");
  });

  it("another poller is a state, until it is gone", async () => {
    const { handle, has } = inbox();
    const one = startPoller(handle);
    await connected(one);
    await server.waitForPoll();
    const rival = new TelegrafPort({ token: server.token, apiRoot: server.apiRoot });
    await rival.call("getUpdates", { timeout: 0, allowed_updates: ALLOWED_UPDATES });
    expect(await away(one, "conflict")).toMatchObject({ message: expect.stringContaining("same bot token") });
    await connected(one);
    server.user("Anna").sends("mine again");
    await has("mine again");
  });

  it("a revoked token is a state, and so is a wrong one", async () => {
    const one = startPoller();
    await connected(one);
    await server.waitForPoll();
    server.revokeToken();
    server.user("Anna").sends("ends the poll");
    expect(await away(one, "unauthorized")).toMatchObject({ message: expect.stringContaining("@BotFather") });
    await one.stop();
    const wrong = startPoller(undefined, "700100200:AAWrongWrongWrongWrongWrongWrongWron");
    await away(wrong, "unauthorized");
    expect(logged.join("")).not.toContain("AAWrong");
  });
});

describe("stopping", () => {
  it("waits for handlers, confirms what was read, and can start again", async () => {
    let handled = false;
    const one = startPoller(async (_update, signal) => {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      handled = true;
    });
    await connected(one);
    await server.waitForPoll();
    server.user("Anna").sends("last words");
    await expect.poll(() => server.calls("getUpdates").length).toBeGreaterThanOrEqual(2);
    await one.stop();
    expect(handled).toBe(true);
    expect(server.updates.unconfirmed).toBe(0);
    expect(one.status).toEqual({ state: "stopped" });
    one.start();
    await connected(one);
  });

  it("is quick while Telegram cannot be reached", async () => {
    server.goDown();
    const one = startPoller();
    await away(one, "network");
    await one.stop();
    expect(one.status).toEqual({ state: "stopped" });
  });
});

function expectNoTokenIn(text: string): void {
  expect(text).not.toContain(server.token);
  expect(text).not.toContain("AAFake");
}
