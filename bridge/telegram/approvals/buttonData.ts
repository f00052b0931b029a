/** Owns what the buttons of an approval carry: a letter for what is pressed and the card's random key, 24 bytes of Telegram's 64. */
import { randomBytes } from "node:crypto";
import type { Remember } from "../../../shared/events/job.ts";
import type { Approval, Offer } from "../../../shared/protocol/approval.ts";
import { distinctOffers, needsSecondLook } from "../../../shared/text/offerText.ts";
import { questionOf } from "../../../shared/text/question.ts";
import type { InlineButton, InlineKeyboard } from "../api/telegramMethods.ts";

export type ButtonPress =
  | { readonly kind: "decide"; readonly decision: "approve" | "deny"; readonly remember?: Remember }
  /** Shows whole what an offer would allow. */
  | { readonly kind: "look"; readonly remember: Remember }
  /** To the question again. */
  | { readonly kind: "back" };

const PRESSES: ReadonlyMap<string, ButtonPress> = new Map<string, ButtonPress>([
  ["a", { kind: "decide", decision: "approve" }],
  ["d", { kind: "decide", decision: "deny" }],
  ["s", { kind: "look", remember: "session" }],
  ["w", { kind: "look", remember: "always" }],
  ["g", { kind: "look", remember: "agent" }],
  ["S", { kind: "decide", decision: "approve", remember: "session" }],
  ["W", { kind: "decide", decision: "approve", remember: "always" }],
  ["G", { kind: "decide", decision: "approve", remember: "agent" }],
  ["b", { kind: "back" }],
]);

const LOOK: Readonly<Record<Remember, string>> = { session: "s", always: "w", agent: "g" };
const TAKE: Readonly<Record<Remember, string>> = { session: "S", always: "W", agent: "G" };

const DATA = /^([A-Za-z]):([A-Za-z0-9_-]{16,40})$/;
/** Longer names push the words that matter out of a phone's button. */
const MAX_AGENT_LENGTH = 16;

/** 128 bits: nobody guesses the buttons of a card that was not sent to them. */
export function newCardKey(): string {
  return randomBytes(16).toString("base64url");
}

/** Under the question: yes and no, then what may be chosen besides. */
export function approvalKeyboard(
  key: string,
  approval: Pick<Approval, "action" | "context" | "offers">,
): InlineKeyboard {
  const offers = distinctOffers(approval);
  const ours = offers.filter(({ remember }) => remember !== "agent");
  const agents = offers.filter(({ remember }) => remember === "agent");
  return [
    [
      { text: "✅ Approve", style: "success", callback_data: `a:${key}` },
      { text: "❌ Deny", style: "danger", callback_data: `d:${key}` },
    ],
    ...[ours, agents]
      .filter((row) => row.length > 0)
      .map((row) => row.map((offer) => offerButton(key, approval, offer))),
  ];
}

/** Under what an offer would allow. */
export function offerKeyboard(key: string, { remember }: Offer): InlineKeyboard {
  return [
    [
      { text: "✅ Confirm", style: "success", callback_data: `${TAKE[remember]}:${key}` },
      { text: "↩️ Back", callback_data: `b:${key}` },
    ],
  ];
}

/** Reads a press; undefined for data that no approval's button ever carried. */
export function parseButtonData(data: string): { readonly press: ButtonPress; readonly key: string } | undefined {
  const [, letter = "", key] = DATA.exec(data) ?? [];
  const press = PRESSES.get(letter);
  return key === undefined || press === undefined ? undefined : { press, key };
}

function offerButton(key: string, approval: Pick<Approval, "action" | "context">, offer: Offer): InlineButton {
  const { remember } = offer;
  const more = needsSecondLook(offer);
  const letter = (more ? LOOK : TAKE)[remember];
  return { text: `${wordsOf(approval, remember)}${more ? "…" : ""}`, callback_data: `${letter}:${key}` };
}

function wordsOf(approval: Pick<Approval, "action" | "context">, remember: Remember): string {
  if (remember === "session") return "For this session";
  if (remember === "always") return "Always";
  const agent = questionOf(approval).agent;
  return `As ${agent === null || agent.length > MAX_AGENT_LENGTH ? "the agent" : agent} suggests`;
}
