/** Owns the words for an approval: what is asked, and where. */
import { type Approval, describeDecision } from "../../shared/protocol/approval.ts";
import type { State } from "../../shared/state/state.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { questionOf } from "../../shared/text/question.ts";
import { spellOut } from "../../shared/text/spellOut.ts";
import { placeName } from "../store/selectors.ts";
import { withoutLinks } from "./untrusted.ts";

const MAX_LABEL_LENGTH = 120;
const MAX_SENTENCE_LENGTH = 400;

export function approvalLabel({ action }: Approval): string {
  return oneLine(spellOut(action), MAX_LABEL_LENGTH);
}

/** What is asked besides the action, where there is anything: the command that the action is other words for, and the reason. */
export function approvalDetail(approval: Approval): string | undefined {
  const { command } = questionOf(approval);
  const parts = [command, approval.reason === null ? null : spellOut(approval.reason)].filter((part) => part !== null);
  return parts.length === 0 ? undefined : parts.join(" — ");
}

/** The notification's text: `shop / main asks: git push origin main (It is the release)`, with no links in it. */
export function approvalSentence(state: State, approval: Approval): string {
  const detail = approvalDetail(approval);
  const asked = `${spellOut(approval.action)}${detail === undefined ? "" : ` (${detail})`}`;
  return withoutLinks(oneLine(`${placeName(state, approval)} asks: ${asked}`, MAX_SENTENCE_LENGTH));
}

/** Of one that takes no answer any more: how it was decided. */
export function goneSentence(approval: Approval | undefined): string {
  return approval === undefined
    ? "This approval is not known any more."
    : `${describeDecision(approval)} — ${spellOut(approval.action)}`;
}

/** `1 approval is waiting`, `3 approvals are waiting`. */
export function waitingSentence(count: number): string {
  return count === 1 ? "1 approval is waiting" : `${count} approvals are waiting`;
}
