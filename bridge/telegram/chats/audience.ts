/** Owns who may be told what. Pure: the rules that keep internal things inside and addressed things with their addressees. */
import type { NotificationLevel, PairedChat } from "../record/telegramRecord.ts";

/** What decides who may see an event or an approval. */
export interface Restricted {
  readonly visibility: "public" | "internal";
  readonly recipients: readonly string[];
}

/** Whether everybody who is paired may see it. */
export function isForAll({ visibility, recipients }: Restricted): boolean {
  return visibility === "public" && recipients.includes("all");
}

/** Whether a chat may see it at all. Anything but an explicit permission is a no. */
export function maySee(chat: Pick<PairedChat, "id" | "former_ids">, what: Restricted): boolean {
  if (what.visibility !== "public") return false;
  if (what.recipients.includes("all")) return true;
  return [chat.id, ...chat.former_ids].some((id) => what.recipients.includes(String(id)));
}

/** What a notification is about, as far as the levels tell apart. */
export type NotificationKind = "approval" | "failure" | "other";

const WANTED: Readonly<Record<NotificationLevel, readonly NotificationKind[]>> = {
  all: ["approval", "failure", "other"],
  errors: ["approval", "failure"],
  approvals: ["approval"],
  off: [],
};

export function levelWants(level: NotificationLevel, kind: NotificationKind): boolean {
  return WANTED[level].includes(kind);
}

export function isMuted({ muted_until }: Pick<PairedChat, "muted_until">, dateMs: number): boolean {
  return muted_until !== null && Date.parse(muted_until) > dateMs;
}

/** Whether and how a chat is told. An approval comes through a mute, since a job stands still for it, but without a sound. */
export function notification(
  chat: PairedChat,
  what: Restricted,
  kind: NotificationKind,
  dateMs: number,
): "loud" | "silent" | "none" {
  if (chat.lost !== null || !maySee(chat, what) || !levelWants(chat.level, kind)) return "none";
  if (!isMuted(chat, dateMs)) return "loud";
  return kind === "approval" ? "silent" : "none";
}
