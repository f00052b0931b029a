/** Owns how an approval reads in a chat: while it waits, what an offer would allow, and once it is decided. Pure. */
import { bold, code, fmt, join, pre } from "telegraf/format";
import { type Approval, type ApprovalState, describeDecision, type Offer } from "../../../shared/protocol/approval.ts";
import { roughCountdown } from "../../../shared/text/countdown.ts";
import { distinctOffers, needsSecondLook } from "../../../shared/text/offerText.ts";
import { questionOf } from "../../../shared/text/question.ts";
import { spellOut } from "../../../shared/text/spellOut.ts";
import type { MessageContent } from "../outbox/outboxItem.ts";
import { MAX_MESSAGE_LENGTH } from "../outbox/splitText.ts";
import { placeName } from "../text/place.ts";
import { literalLine, prose } from "../text/untrusted.ts";
import { approvalKeyboard, offerKeyboard } from "./buttonData.ts";

/** What is asked stays within one message, since the buttons must stand under the question. */
const MAX_ACTION = 2500;
/** Beside a command or a diff, which take the rest. */
const MAX_ACTION_BESIDE = 700;
const MAX_DETAIL = 1300;
const MAX_OFFER = 2500;
const MAX_REASON = 400;
const MAX_FACTS = 8;
const MAX_FACT = 100;

const ENDS: Readonly<Record<Exclude<ApprovalState, "pending">, string>> = {
  approved: "✅",
  denied: "❌",
  expired: "⌛",
  withdrawn: "↩️",
};

/** The question, with its buttons; `key` is its card's. */
export function questionMessage(approval: Approval, key: string, nowMs: number): MessageContent {
  const question = fitting(approval, waitingLines(approval, nowMs));
  return { ...plain(question), keyboard: approvalKeyboard(key, approval) };
}

/** What an offer would allow, to be confirmed. */
export function offerMessage(approval: Approval, offer: Offer, key: string, nowMs: number): MessageContent {
  const { text, left } = cut(spellOut(offer.text).trim(), MAX_OFFER);
  const lines = [
    headLine(approval),
    fmt(["Approve: ", code(literalLine(spellOut(approval.action), 200) || "(empty)")]),
    "",
    bold(offer.remember === "session" ? "and for the rest of this session:" : "and from now on, without asking:"),
    pre("")(text === "" ? "(empty)" : text),
    ...more(left),
    ...limitLines(approval, nowMs),
  ];
  return { ...plain(fmt(join(lines, "\n"))), keyboard: offerKeyboard(key, offer) };
}

/** How it ended; no buttons. */
export function decidedMessage(approval: Approval): MessageContent {
  return plain(fitting(approval, ["", fmt([bold(decisionLine(approval))])]));
}

/** `✅ Approved by Grace in Telegram` */
export function decisionLine(approval: Approval): string {
  if (approval.state === "pending") return describeDecision(approval);
  return `${ENDS[approval.state]} ${prose(describeDecision(approval), 300)}`;
}

type Formatted = ReturnType<typeof fmt>;
type Line = string | Formatted;

function headLine(approval: Approval): Formatted {
  return fmt(["⚠️ ", bold(`${placeName(approval)}:`)]);
}

/** The question with what stands below it, and of the facts that only its asker understands as many as there is room for. */
function fitting(approval: Approval, below: readonly Line[]): Formatted {
  const head = questionLines(approval);
  const facts = questionOf(approval).others.slice(0, MAX_FACTS);
  for (let count = facts.length; ; count -= 1) {
    const shown = facts.slice(0, count).map(([name, value]) => factLine(prose(name, 40), value));
    const whole = fmt(join([...head, ...shown, ...below], "\n"));
    if (count === 0 || whole.text.length <= MAX_MESSAGE_LENGTH) return whole;
  }
}

function questionLines(approval: Approval): Line[] {
  const { action, scope, reason } = approval;
  const { agent, tool, command, path, cwd, diff, details } = questionOf(approval);
  const blocks = [
    ["Command: ", "shell", command],
    ["Details: ", "", details],
    ["Change: ", "diff", diff],
  ] as const;
  const count = blocks.filter(([, , text]) => text !== null).length;
  const shown = cut(spellOut(action).trim(), count === 0 ? MAX_ACTION : MAX_ACTION_BESIDE);
  return [
    headLine(approval),
    approval.state === "pending" ? "Approval needed" : "Approval",
    "",
    fmt(["Action: ", pre("")(shown.text === "" ? "(empty)" : shown.text)]),
    ...more(shown.left),
    ...blocks.flatMap(([name, language, text]) =>
      text === null ? [] : block(name, language, text, Math.floor(MAX_DETAIL / count)),
    ),
    fmt(["Scope: ", code(literalLine(spellOut(scope), 100) || "(empty)")]),
    ...(reason === null || reason.trim() === "" ? [] : [`Reason: ${prose(spellOut(reason), MAX_REASON)}`]),
    ...(agent === null ? [] : [`Agent: ${prose(agent, 40)}`]),
    ...(tool === null ? [] : [factLine("Tool", tool)]),
    ...(path === null ? [] : [factLine("File", path)]),
    ...(cwd === null ? [] : [factLine("Runs in", cwd)]),
  ];
}

/** What a button decides at once is said beside it; for the others there is a second look. */
function waitingLines(approval: Approval, nowMs: number): Line[] {
  const atOnce = distinctOffers(approval).filter((offer) => !needsSecondLook(offer));
  return [...atOnce.map(({ text }) => factLine("For this session", spellOut(text))), ...limitLines(approval, nowMs)];
}

/** It is true for as long as it stands, and drawn again as the time runs out. */
function limitLines(approval: Approval, nowMs: number): string[] {
  if (approval.expires_at === null) return [];
  const rough =
    roughCountdown(approval, nowMs) ?? `${approval.on_timeout === "approve" ? "approved" : "denied"} by itself`;
  return [`⏳ ${rough[0]?.toUpperCase() ?? ""}${rough.slice(1)}, at ${clockTime(approval.expires_at)}`];
}

function block(name: string, language: string, text: string, most: number): Line[] {
  const shown = cut(text.replace(/\n+$/, ""), most);
  return [fmt([name, pre(language)(shown.text)]), ...more(shown.left)];
}

function more(left: number): string[] {
  if (left === 0) return [];
  return [`… and ${left} more characters. Read all of it in VS Code or at the terminal before you approve.`];
}

function cut(text: string, most: number): { readonly text: string; readonly left: number } {
  const characters = [...text];
  return { text: characters.slice(0, most).join(""), left: Math.max(0, characters.length - most) };
}

function factLine(name: string, value: string): Formatted {
  return fmt([`${name}: `, code(literalLine(value, MAX_FACT) || "(empty)")]);
}

/** In UTC: the bridge does not know where the phone is. */
function clockTime(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}

function plain({ text, entities }: Formatted): MessageContent {
  return entities === undefined ? { text } : { text, entities };
}
