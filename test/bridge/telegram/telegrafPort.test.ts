import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ALLOWED_UPDATES } from "../../../bridge/telegram/api/incomingUpdate.ts";
import { TelegrafPort } from "../../../bridge/telegram/api/telegrafPort.ts";
import { TelegramApiError } from "../../../bridge/telegram/api/telegramApiError.ts";
import type { Fault } from "../../fakes/telegramServer/faults.ts";
import { TelegramServer } from "../../fakes/telegramServer/telegramServer.ts";

let server: TelegramServer;
beforeEach(async () => {
  server = await TelegramServer.start();
});
afterEach(() => server.stop());

const portWith = (token: string, deadlineMs = 5_000) =>
  new TelegrafPort({ token, apiRoot: server.apiRoot, deadlineMs });

async function failureOf(call: Promise<unknown>): Promise<TelegramApiError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TelegramApiError)) throw new Error("the call did not fail as it should");
  return error;
}

describe("a call that fails", () => {
  it.each([
    { fault: "reset", failure: { code: "network", timedOut: false } },
    { fault: "lostAnswer", failure: { code: "network", timedOut: false } },
    { fault: "badGateway", failure: { code: "server", status: 502 } },
    { fault: "captivePortal", failure: { code: "network", timedOut: false } },
    { fault: "silence", failure: { code: "network", timedOut: true } },
  ] satisfies { fault: Fault; failure: object }[])(
    "by $fault is classified, and its error hides the token",
    async ({ fault, failure }) => {
      server.faults.next(fault);
      const error = await failureOf(portWith(server.token, 300).call("getMe", {}));
      expect(error.failure).toEqual(failure);
      expectNoToken(error);
    },
  );

  it.each([
    { name: "a wrong token", token: "700100200:AAWrongWrongWrongWrongWrongWrongWron" },
    { name: "no token at all", token: "nonsense" },
    { name: "an empty token", token: "" },
  ])("for $name is `unauthorized`", async ({ token }) => {
    const error = await failureOf(portWith(token).call("getMe", {}));
    expect(error.code).toBe("unauthorized");
  });

  it("because nobody listens is a network failure without the token", async () => {
    const port = new TelegrafPort({ token: server.token, apiRoot: "http://127.0.0.1:9" });
    const error = await failureOf(port.call("getMe", {}));
    expect(error.failure).toEqual({ code: "network", timedOut: false });
    expectNoToken(error);
  });

  it("says nothing of the text that was being sent", async () => {
    const error = await failureOf(portWith(server.token).call("sendMessage", { chat_id: 5, text: "a secret command" }));
    expect(error.code).toBe("chatGone");
    expect(JSON.stringify(error) + error.stack).not.toContain("a secret command");
  });
});

describe("a call", () => {
  it("can be ended by its caller, before and while it runs", async () => {
    const port = portWith(server.token);
    expect((await failureOf(port.call("getMe", {}, AbortSignal.abort()))).code).toBe("aborted");
    const controller = new AbortController();
    const poll = { timeout: 30, allowed_updates: ALLOWED_UPDATES };
    const polling = failureOf(port.call("getUpdates", poll, controller.signal));
    await server.waitForPoll();
    controller.abort();
    expect((await polling).code).toBe("aborted");
  });

  it("may take as long as it asked Telegram to wait, besides its deadline", async () => {
    const poll = { timeout: 1, allowed_updates: ALLOWED_UPDATES };
    expect(await portWith(server.token, 500).call("getUpdates", poll)).toEqual([]);
  });
});

function expectNoToken(error: TelegramApiError): void {
  const all = `${error.message}\n${error.stack}\n${JSON.stringify(error)}\n${String(error.cause)}`;
  expect(all).not.toContain(server.token);
  expect(all).not.toContain("AAFake");
}
