/** Owns the options by which a terminal approves for more than the one question, and the refusal of one that is not offered. */
import type { Remember } from "../../shared/events/job.ts";
import type { Approval } from "../../shared/protocol/approval.ts";
import { distinctOffers, offerOf } from "../../shared/text/offerText.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { spellOut } from "../../shared/text/spellOut.ts";
import { usageError } from "./cliError.ts";

const MAX_OFFER_LENGTH = 120;

/** What `televibe approve` takes for each. */
export const OFFER_OPTIONS: Readonly<Record<Remember, string>> = {
  session: "--for-session",
  always: "--always",
  agent: "--agent",
};

export interface ChosenOptions {
  readonly forSession?: boolean;
  readonly always?: boolean;
  readonly agent?: boolean;
}

/** @throws CliError for more than one. */
export function rememberOf({ forSession, always, agent }: ChosenOptions): Remember | undefined {
  const wanted: readonly Remember[] = [
    ...(forSession ? (["session"] as const) : []),
    ...(always ? (["always"] as const) : []),
    ...(agent ? (["agent"] as const) : []),
  ];
  const [only, second] = wanted;
  if (second === undefined) return only;
  throw usageError(`${wanted.map((each) => OFFER_OPTIONS[each]).join(" and ")} do not go together; choose one.`);
}

/** Why an approval cannot stand for so much; undefined where it can, and where it was decided: that is told with who did it. */
export function offerRefusal(approval: Approval, remember: Remember): string | undefined {
  if (approval.state !== "pending" || offerOf(approval, remember) !== undefined) return undefined;
  const offers = distinctOffers(approval).map(
    (offer) => `${OFFER_OPTIONS[offer.remember]} (${oneLine(spellOut(offer.text), MAX_OFFER_LENGTH)})`,
  );
  const what = offers.length === 0 ? "It can be answered for this once alone." : `What is: ${offers.join(", ")}.`;
  return `${OFFER_OPTIONS[remember]} is not offered for this approval. ${what}`;
}
