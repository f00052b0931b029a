/** Owns which chats are told of an event: a pure policy over what the event allows and what each chat wants. */
import type { Event } from "../../../shared/events/event.ts";
import type { PairedChat } from "../registry/chat.ts";

/** Events that are told at all; tasks, projects and the orchestrator's own life are for the sidebar. */
const TOLD = /^(job|session|coordination)\./;

const FAILURES: ReadonlySet<string> = new Set(["job.failed", "session.error"]);

/** Whether an event, a job or an approval may leave the machine for a chat, whatever the chat wants. */
export function mayReach(what: Pick<Event, "visibility" | "recipients">, chatId: number): boolean {
  if (what.visibility === "internal") return false;
  return what.recipients.includes("all") || what.recipients.includes(String(chatId));
}

/** Whether a chat wants an approval to be asked there. */
export function wantsApprovals({ level }: PairedChat): boolean {
  return level !== "off";
}

/** Whether a chat is told of an event that is no approval. */
export function wantsEvent(chat: PairedChat, event: Event, nowMs: number): boolean {
  if (!TOLD.test(event.event_type) || !mayReach(event, chat.chat_id)) return false;
  if (chat.muted_until !== null && Date.parse(chat.muted_until) > nowMs) return false;
  switch (chat.level) {
    case "all":
      return true;
    case "errors":
      return FAILURES.has(event.event_type);
    case "approvals":
    case "off":
      return false;
  }
}
