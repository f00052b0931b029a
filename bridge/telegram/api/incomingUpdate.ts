/**
 * Owns what Telegram tells us: the few fields of its updates that we use, under Telegram's own names, checked at the door.
 * https://core.telegram.org/bots/api#update
 */
import * as z from "zod";

const id = z.number().int();

export const telegramUser = z.object({
  id,
  is_bot: z.boolean(),
  first_name: z.string(),
  last_name: z.string().optional(),
  username: z.string().optional(),
});
export type TelegramUser = z.infer<typeof telegramUser>;

export const telegramChat = z.object({
  id,
  type: z.enum(["private", "group", "supergroup", "channel"]),
  title: z.string().optional(),
  username: z.string().optional(),
  first_name: z.string().optional(),
  is_forum: z.boolean().optional(),
});
export type TelegramChat = z.infer<typeof telegramChat>;

export const telegramMessage = z.object({
  message_id: id,
  /** Seconds since the epoch; 0 for a message that the bot can no longer see. */
  date: id,
  chat: telegramChat,
  /** Missing in channels. An anonymous group admin comes as the user 1087968824, whoever it is. */
  from: telegramUser.optional(),
  text: z.string().optional(),
  message_thread_id: id.optional(),
  is_topic_message: z.boolean().optional(),
  reply_to_message: z.object({ message_id: id }).optional(),
  migrate_to_chat_id: id.optional(),
  migrate_from_chat_id: id.optional(),
});
export type TelegramMessage = z.infer<typeof telegramMessage>;

export const callbackQuery = z.object({
  id: z.string(),
  /** Who pressed: always the real user, also for an anonymous admin. Rights are judged by this, never by the chat. */
  from: telegramUser,
  message: telegramMessage.optional(),
  /** Comes from outside: a client can send data that no button ever carried. */
  data: z.string().optional(),
});
export type CallbackQuery = z.infer<typeof callbackQuery>;

/** The bot itself was blocked, unblocked, added to a group or removed from it. */
export const membershipChange = z.object({
  chat: telegramChat,
  from: telegramUser,
  date: id,
  new_chat_member: z.object({
    status: z.enum(["creator", "administrator", "member", "restricted", "left", "kicked"]),
  }),
});
export type MembershipChange = z.infer<typeof membershipChange>;

export type IncomingUpdate =
  | { readonly kind: "message"; readonly updateId: number; readonly message: TelegramMessage }
  | { readonly kind: "callbackQuery"; readonly updateId: number; readonly query: CallbackQuery }
  | { readonly kind: "membership"; readonly updateId: number; readonly change: MembershipChange }
  /** Something that we did not ask for, or in a shape that we do not know: passed over, and counted as read. */
  | { readonly kind: "unknown"; readonly updateId: number; readonly why: string };

/** The kinds of updates that we ask for. Always sent, since Telegram otherwise keeps to what the last caller asked for. */
export const ALLOWED_UPDATES = ["message", "callback_query", "my_chat_member"] as const;

const envelope = z.object({
  update_id: id,
  message: z.unknown().optional(),
  callback_query: z.unknown().optional(),
  my_chat_member: z.unknown().optional(),
});

/** Reads one update. `undefined` where it has not even an id, so that nobody could tell Telegram that it was read. */
export function parseUpdate(raw: unknown): IncomingUpdate | undefined {
  const outer = envelope.safeParse(raw);
  if (!outer.success) return undefined;
  const { update_id: updateId, message, callback_query, my_chat_member } = outer.data;
  if (message !== undefined) {
    const read = telegramMessage.safeParse(message);
    return read.success
      ? { kind: "message", updateId, message: read.data }
      : misshapen(updateId, "message", read.error);
  }
  if (callback_query !== undefined) {
    const read = callbackQuery.safeParse(callback_query);
    return read.success
      ? { kind: "callbackQuery", updateId, query: read.data }
      : misshapen(updateId, "callback_query", read.error);
  }
  if (my_chat_member !== undefined) {
    const read = membershipChange.safeParse(my_chat_member);
    return read.success
      ? { kind: "membership", updateId, change: read.data }
      : misshapen(updateId, "my_chat_member", read.error);
  }
  return { kind: "unknown", updateId, why: "a kind of update that was not asked for" };
}

function misshapen(updateId: number, kind: string, error: z.ZodError): IncomingUpdate {
  const paths = error.issues.map((issue) => issue.path.join(".")).join(", ");
  return { kind: "unknown", updateId, why: `${kind} with unexpected ${paths}` };
}
