/** Owns how an approval reads in Telegram, while it waits and once it is decided. */
import { type Approval, describeDecision } from "../../../shared/protocol/approval.ts";
import type { InlineKeyboard, MessageEntity } from "../api/telegramMethods.ts";
import type { MessageContent } from "../outbox/outboxItem.ts";
import { placeOf } from "./eventMessage.ts";

export const APPROVE_LABEL = "✅ Approve";
export const DENY_LABEL = "❌ Deny";

/** Of a long action this much is shown; that something is missing is said, since nobody may approve what they did not see. */
const MAX_ACTION = 2500;
const MAX_REASON = 800;

const MARKS: Readonly<Record<Approval["state"], string>> = {
  pending: "⚠️",
  approved: "✅",
  denied: "❌",
  expired: "⌛",
  withdrawn: "↩️",
};

/** The message; with its buttons while the approval waits. */
export function approvalMessage(approval: Approval, key: string): MessageContent {
  const text = new TextWithCode();
  text.add(`${MARKS[approval.state]} ${placeOf(approval)}:\n`);
  text.add(approval.state === "pending" ? "Approval needed\n\n" : `${describeDecision(approval)}\n\n`);
  text.add("Action: ").addCode(cut(approval.action, MAX_ACTION));
  text.add("\nScope: ").addCode(cut(approval.scope, 200));
  if (approval.reason !== null) text.add(`\nReason: ${cut(approval.reason, MAX_REASON)}`);
  if (approval.state === "pending" && approval.expires_at !== null)
    text.add(`\nDenied by itself at ${approval.expires_at}`);
  return { ...text.content, ...(approval.state === "pending" ? { keyboard: buttons(key) } : {}) };
}

function buttons(key: string): InlineKeyboard {
  return [
    [
      { text: APPROVE_LABEL, style: "success", callback_data: `approve:${key}` },
      { text: DENY_LABEL, style: "danger", callback_data: `deny:${key}` },
    ],
  ];
}

/** What a button carries, read back; it comes from outside and may be anything. */
export function parseButton(
  data: string | undefined,
): { readonly decision: "approve" | "deny"; readonly key: string } | undefined {
  const match = /^(approve|deny):([A-Za-z0-9_-]{16,40})$/.exec(data ?? "");
  const [, decision, key] = match ?? [];
  if (key === undefined || (decision !== "approve" && decision !== "deny")) return undefined;
  return { decision, key };
}

/** Text in which commands and paths stand as code: Telegram would make links of `build.sh`, and commands of `/tail`. */
class TextWithCode {
  #text = "";
  readonly #entities: MessageEntity[] = [];

  add(text: string): this {
    this.#text += text;
    return this;
  }

  addCode(text: string): this {
    this.#entities.push({ type: "code", offset: this.#text.length, length: text.length });
    return this.add(text);
  }

  get content(): MessageContent {
    return { text: this.#text, entities: this.#entities };
  }
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}… (+${text.length - length} characters)`;
}
