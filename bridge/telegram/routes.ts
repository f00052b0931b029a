/** Owns `/v1/telegram`: how it stands, which chats are paired, making a code, and undoing a pairing. */
import type { TelegramHealth } from "../../shared/protocol/health.ts";
import { problem } from "../../shared/protocol/problem.ts";
import { QueryParameters } from "../http/parameters.ts";
import { jsonAnswer, type Route } from "../http/route.ts";
import type { PairingCode } from "./pairing/pairingCodes.ts";
import type { PairedChat } from "./record/telegramRecord.ts";

/** A paired chat, as far as whoever has the bridge's token needs to know it. */
export interface ChatSummary {
  readonly chat_id: number;
  readonly kind: PairedChat["type"];
  readonly title: string;
  readonly level: PairedChat["level"];
  readonly muted_until: string | null;
  /** Why nothing can be delivered there; null while it can. */
  readonly lost: string | null;
  readonly paired_at: string;
  readonly paired_by: string;
}

/** Answer of `GET /v1/telegram`. */
export interface TelegramOverview extends TelegramHealth {
  /** The bot's name, without the `@`; null until Telegram has told it. */
  readonly bot: string | null;
  readonly chats: readonly ChatSummary[];
}

/** Answer of `POST /v1/telegram/pair`. */
export interface PairingInvitation extends PairingCode {
  /** Opens the bot with the code; null until the bot's name is known. */
  readonly link: string | null;
}

export interface TelegramAdministration {
  overview(): Promise<TelegramOverview>;
  invite(signal: AbortSignal): Promise<PairingInvitation>;
  /** Answers whether there was such a chat. */
  unpair(chatId: number): Promise<boolean>;
}

export function chatSummary(chat: PairedChat): ChatSummary {
  const { id, type, title, level, muted_until, lost, paired_at, paired_by } = chat;
  return { chat_id: id, kind: type, title, level, muted_until, lost, paired_at, paired_by: paired_by.name };
}

export function telegramRoutes(administration: TelegramAdministration): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/v1/telegram",
      handle: async ({ query }) => {
        new QueryParameters(query).allow();
        return jsonAnswer(200, await administration.overview());
      },
    },
    {
      method: "POST",
      path: "/v1/telegram/pair",
      handle: async ({ query, signal }) => {
        new QueryParameters(query).allow();
        return jsonAnswer(201, await administration.invite(signal));
      },
    },
    {
      method: "DELETE",
      path: "/v1/telegram/chats/{chat_id}",
      handle: async ({ path, query }) => {
        new QueryParameters(query).allow();
        const text = path["chat_id"] ?? "";
        const isId = /^-?\d{1,15}$/.test(text);
        if (!isId || !(await administration.unpair(Number(text)))) {
          throw problem(
            "not_found",
            `No chat "${text}" is paired; \`televibe telegram chats\` (GET /v1/telegram) lists those that are.`,
          );
        }
        return jsonAnswer(200, { unpaired: Number(text) });
      },
    },
  ];
}
