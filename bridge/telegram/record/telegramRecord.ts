/**
 * Owns what Telegram's part keeps in `telegram.json`: who is paired, which codes are out, and which message asks for which
 * approval. Names in the file are snake_case, as everywhere outside the process.
 */
import * as z from "zod";

/** What a chat is told: everything, failures and approvals, approvals alone, or nothing. */
export const NOTIFICATION_LEVELS = ["all", "errors", "approvals", "off"] as const;
export type NotificationLevel = (typeof NOTIFICATION_LEVELS)[number];

const id = z.number().int();
const time = z.iso.datetime({ offset: true });
const person = z.object({ id, name: z.string() });

const pairedChat = z.object({
  id,
  /** Ids that a group had before Telegram gave it another. */
  former_ids: z.array(id),
  type: z.enum(["private", "group", "supergroup"]),
  title: z.string(),
  paired_at: time,
  paired_by: person,
  level: z.enum(NOTIFICATION_LEVELS),
  muted_until: time.nullable(),
  /** Why nothing can be delivered: blocked, removed. Null while it can. */
  lost: z.string().nullable(),
});
export type PairedChat = z.infer<typeof pairedChat>;

const approvalCard = z.object({
  /** Random; stands in the buttons' data, and so must not be guessed. */
  key: z.string(),
  approval_id: z.string(),
  chat_id: id,
  /** Several where Telegram carried out a call whose answer was lost, or where it was asked for again. */
  message_ids: z.array(id),
  /** Null until every copy shows how it ended. */
  closed_at: time.nullable(),
});
export type ApprovalCard = z.infer<typeof approvalCard>;

export const telegramRecord = z.object({
  schema: z.literal(1),
  /** Message ids are of use to the bot that sent them alone. */
  bot_id: id.nullable(),
  chats: z.array(pairedChat),
  /** Whose presses and commands count. */
  users: z.array(person.extend({ paired_at: time })),
  /** The SHA-256 of codes that were not used yet. */
  codes: z.array(z.object({ sha256: z.string(), expires_at: time })),
  cards: z.array(approvalCard),
});
export type TelegramRecord = z.infer<typeof telegramRecord>;

export const EMPTY_RECORD: TelegramRecord = { schema: 1, bot_id: null, chats: [], users: [], codes: [], cards: [] };
