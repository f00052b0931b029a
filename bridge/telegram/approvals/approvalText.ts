/** Owns how an approval reads in a chat: while it waits, and once it is decided. Pure. */
import { bold, code, fmt, join, pre } from "telegraf/format";
import { type Approval, type ApprovalState, describeDecision } from "../../../shared/protocol/approval.ts";
import { spellOut } from "../../../shared/text/spellOut.ts";
import type { InlineKeyboard } from "../api/telegramMethods.ts";
import type { MessageContent } from "../outbox/outboxItem.ts";
import { placeName } from "../text/place.ts";
import { literalLine, prose } from "../text/untrusted.ts";

/** What is asked stays within one message, since the buttons must stand under the question. */
const MAX_ACTION = 2500;
const MAX_REASON = 500;
const MAX_FACTS = 8;

const ENDS: Readonly<Record<Exclude<ApprovalState, "pending">, string>> = {
  approved: "✅",
  denied: "❌",
  expired: "⌛",
  withdrawn: "↩️",
};

/** The question, with its buttons; or, once it is decided, how it ended, without them. */
export function approvalMessage(approval: Approval, keyboard: InlineKeyboard): MessageContent {
  const question = fmt(join(questionLines(approval), "\n"));
  if (approval.state === "pending") return { ...plain(question), keyboard };
  return plain(fmt([question, "\n\n", bold(decisionLine(approval))]));
}

/** `✅ Approved by Grace in Telegram` */
export function decisionLine(approval: Approval): string {
  if (approval.state === "pending") return describeDecision(approval);
  return `${ENDS[approval.state]} ${prose(describeDecision(approval), 300)}`;
}

type Formatted = ReturnType<typeof fmt>;

function questionLines(approval: Approval): (string | Formatted)[] {
  const { action, scope, reason, context, expires_at } = approval;
  const shown = cut(spellOut(action).trim());
  const facts = Object.entries(context)
    .slice(0, MAX_FACTS)
    .map(([name, value]) => fmt([`${prose(spellOut(name), 40)}: `, code(fact(value))]));
  return [
    fmt(["⚠️ ", bold(`${placeName(approval)}:`)]),
    approval.state === "pending" ? "Approval needed" : "Approval",
    "",
    fmt(["Action: ", pre("")(shown.text === "" ? "(empty)" : shown.text)]),
    ...(shown.left === 0
      ? []
      : [`… and ${shown.left} more characters. Read all of it in VS Code or at the terminal before you approve.`]),
    fmt(["Scope: ", code(literalLine(spellOut(scope), 100) || "(empty)")]),
    ...(reason === null || reason.trim() === "" ? [] : [`Reason: ${prose(spellOut(reason), MAX_REASON)}`]),
    ...facts,
    ...(expires_at === null || approval.state !== "pending" ? [] : [`Denied by itself at ${clockTime(expires_at)}`]),
  ];
}

function cut(text: string): { readonly text: string; readonly left: number } {
  const characters = [...text];
  return { text: characters.slice(0, MAX_ACTION).join(""), left: Math.max(0, characters.length - MAX_ACTION) };
}

function fact(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return literalLine(spellOut(text), 120) || "(empty)";
}

/** In UTC: the bridge does not know where the phone is. */
function clockTime(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}

function plain({ text, entities }: Formatted): MessageContent {
  return entities === undefined ? { text } : { text, entities };
}
