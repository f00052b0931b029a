/** Owns the words for what may be chosen instead of a plain yes, and which choice is to be read once more before it counts. */
import type { Remember } from "../events/job.ts";
import type { Approval, Offer } from "../protocol/approval.ts";
import { questionOf } from "./question.ts";

/** Longest text that a surface can be counted on to show whole in one line. */
const MAX_TEXT_AT_A_GLANCE = 80;

/** The offer with this name; undefined where there is none. Of two alike the first one counts. */
export function offerOf({ offers }: Pick<Approval, "offers">, remember: Remember): Offer | undefined {
  return offers.find((offer) => offer.remember === remember);
}

/** Each kind of offer once. */
export function distinctOffers({ offers }: Pick<Approval, "offers">): readonly Offer[] {
  return offers.filter((offer, index) => offers.findIndex(({ remember }) => remember === offer.remember) === index);
}

/** `Approve for this session`, `Always allow…`, `Approve as Claude Code suggests…`. */
export function offerLabel(approval: Pick<Approval, "action" | "context">, offer: Offer): string {
  const more = needsSecondLook(offer) ? "…" : "";
  switch (offer.remember) {
    case "session":
      return `Approve for this session${more}`;
    case "always":
      return `Always allow${more}`;
    case "agent":
      return `Approve as ${questionOf(approval).agent ?? "the agent"} suggests${more}`;
  }
}

/** What lasts beyond the session, or is more than is read in passing, is shown whole and confirmed. */
export function needsSecondLook({ remember, text }: Offer): boolean {
  return remember !== "session" || text.length > MAX_TEXT_AT_A_GLANCE || text.includes("\n");
}
