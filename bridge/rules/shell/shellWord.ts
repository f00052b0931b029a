/** Owns a word of shell text that is to be judged before any shell has read it: parts of it may be known by then only. */

import { matchesWildcard } from "../wildcard.ts";

/** Stands in a word for what an expansion puts there: any characters. No word holds it by itself, since NUL is refused. */
export const ANYTHING = "\u0000";
/** What a file pattern puts there: any characters but a slash. */
export const ANY_NAME = "\u0001";

export interface ShellWord {
  /** Quotes and escapes are gone; `ANYTHING` and `ANY_NAME` stand for what is not known. */
  readonly text: string;
  /** It can become any number of words, none as well. */
  readonly isMany: boolean;
  /** Something in it was quoted, so it is no word of the shell's own. */
  readonly isQuoted: boolean;
}

/** Whether it is known to the letter. */
export function isKnown(text: string): boolean {
  return !text.includes(ANYTHING) && !text.includes(ANY_NAME);
}

/** What of it is known. */
export function knownPart(text: string): string {
  return text.replaceAll(ANYTHING, "").replaceAll(ANY_NAME, "");
}

/** Of a word that is not known, no more is held against patterns: what follows may then be anything. */
const MAX_UNKNOWN_LENGTH = 2000;

/** Whether a word could be one that a pattern with `*` names. Both are walked through once, side by side. */
export function couldBe(pattern: string, text: string): boolean {
  if (isKnown(text)) return pattern.includes("*") ? matchesWildcard(pattern, text) : pattern === text;
  const judged = text.length > MAX_UNKNOWN_LENGTH ? text.slice(0, MAX_UNKNOWN_LENGTH) + ANYTHING : text;
  let places = behindStars(pattern, [0]);
  for (const given of judged.split("")) {
    if (given === ANYTHING || given === ANY_NAME) places = reach(pattern, places, given);
    else {
      const next = [...places].flatMap((place) => {
        if (pattern[place] === "*") return [place];
        return pattern[place] === given ? [place + 1] : [];
      });
      places = behindStars(pattern, next);
    }
    if (places.size === 0) return false;
  }
  return places.has(pattern.length);
}

function behindStars(pattern: string, places: readonly number[]): ReadonlySet<number> {
  const all = new Set(places);
  for (const place of all) if (pattern[place] === "*") all.add(place + 1);
  return all;
}

/** How far what is not known can stand for a pattern's characters, from any of these places on. */
function reach(pattern: string, places: ReadonlySet<number>, given: string): ReadonlySet<number> {
  const reached = new Set<number>();
  let isWithin = false;
  for (let at = 0; at <= pattern.length; at += 1) {
    isWithin ||= places.has(at);
    if (isWithin) reached.add(at);
    if (pattern[at] === "/" && given === ANY_NAME) isWithin = false;
  }
  return reached;
}
