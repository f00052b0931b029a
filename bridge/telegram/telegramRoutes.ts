/** Owns `/v1/telegram`: pairing codes and paired chats, for whoever has the bridge's token. */
import type { TelegramHealth } from "../../shared/protocol/health.ts";
import { problem } from "../../shared/protocol/problem.ts";
import { QueryParameters } from "../http/parameters.ts";
import { jsonAnswer, type Route } from "../http/route.ts";
import type { Outbox } from "./outbox/outbox.ts";
import type { Pairing } from "./registry/pairing.ts";
import type { Registry } from "./registry/registry.ts";

export interface TelegramRoutesOptions {
  readonly registry: Registry;
  readonly pairing: Pairing;
  readonly outbox: Outbox;
  readonly status: () => TelegramHealth;
  /** Known once Telegram was reached. */
  readonly botName: () => string | undefined;
}

export function telegramRoutes({
  registry,
  pairing,
  outbox,
  status,
  botName,
}: TelegramRoutesOptions): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/v1/telegram",
      handle: ({ query }) => {
        new QueryParameters(query).allow();
        return jsonAnswer(200, { ...status(), bot: botName() ?? null, chats: registry.chats });
      },
    },
    {
      method: "POST",
      path: "/v1/telegram/pair",
      handle: ({ query }) => {
        new QueryParameters(query).allow();
        const { code, expiresMs } = pairing.newCode();
        const bot = botName();
        const link = bot === undefined ? null : `https://t.me/${bot}?start=${code}`;
        return jsonAnswer(201, { code, link, expires_at: new Date(expiresMs).toISOString() });
      },
    },
    {
      method: "DELETE",
      path: "/v1/telegram/chats/{chat_id}",
      handle: async ({ path, query }) => {
        new QueryParameters(query).allow();
        const chatId = Number(path["chat_id"]);
        if (!Number.isSafeInteger(chatId) || !(await registry.removeChat(chatId))) {
          throw problem("not_found", `No chat "${path["chat_id"]}" is paired.`);
        }
        outbox.forgetChat(chatId);
        return jsonAnswer(200, { chats: registry.chats });
      },
    },
  ];
}
