/** Owns all that an approval can be answered with, as a list to choose from. Pure. */
import type { Approval, Offer } from "../../shared/protocol/approval.ts";
import { distinctOffers, needsSecondLook, offerLabel } from "../../shared/text/offerText.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { questionOf } from "../../shared/text/question.ts";
import { spellOut } from "../../shared/text/spellOut.ts";
import { type Answer, APPROVE, DENY } from "../store/answer.ts";
import { withoutIcons } from "../text/untrusted.ts";

const MAX_DETAIL_LENGTH = 400;

export type Choice =
  | { readonly kind: "answer"; readonly answer: Answer }
  /** To be shown whole, and confirmed. */
  | { readonly kind: "confirm"; readonly offer: Offer }
  | { readonly kind: "denyWithReason" }
  | { readonly kind: "show" };

export interface AnswerChoice {
  readonly label: string;
  readonly detail?: string;
  readonly choice: Choice;
}

/** Whether only what approves is wanted, or all that can be done. */
export type ChoiceRange = "approve" | "everything";

export function answerChoices(approval: Approval, range: ChoiceRange): readonly AnswerChoice[] {
  const approving: readonly AnswerChoice[] = [
    { label: "$(check) Approve", detail: "This once", choice: { kind: "answer", answer: APPROVE } },
    ...distinctOffers(approval).map((offer) => ({
      label: `$(check-all) ${withoutIcons(offerLabel(approval, offer))}`,
      detail: withoutIcons(oneLine(spellOut(offer.text), MAX_DETAIL_LENGTH)),
      choice: choiceOf(offer),
    })),
  ];
  if (range === "approve") return approving;
  return [
    ...approving,
    { label: "$(close) Deny", choice: { kind: "answer", answer: DENY } },
    { label: "$(comment) Deny with a reason…", detail: "Whoever asked is told it", choice: { kind: "denyWithReason" } },
    { label: "$(eye) Show", detail: "All that it asks for", choice: { kind: "show" } },
  ];
}

/** What is asked once more before an offer is taken. */
export interface Confirmation {
  readonly message: string;
  readonly detail: string;
  readonly button: string;
}

export function confirmationOf(approval: Approval, { remember, text }: Offer): Confirmation {
  const what = spellOut(text);
  switch (remember) {
    case "session":
      return { message: "Approve this for the rest of the session?", detail: what, button: "Approve for This Session" };
    case "always":
      return {
        message: "Approve, and write this rule?",
        detail: `${what}\n\nWhat it allows is not asked for any more. "Televibe: Edit Rules" shows and changes all rules.`,
        button: "Always Allow",
      };
    case "agent": {
      const agent = questionOf(approval).agent ?? "the agent";
      return {
        message: `Approve, and have ${agent} do what it suggests?`,
        detail: `${what}\n\nIt is ${agent} that keeps this, in its own settings.`,
        button: "Approve",
      };
    }
  }
}

function choiceOf(offer: Offer): Choice {
  return needsSecondLook(offer)
    ? { kind: "confirm", offer }
    : { kind: "answer", answer: { ...APPROVE, remember: offer.remember } };
}
