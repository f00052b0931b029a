/** Owns a word of shell text that is to be judged before any shell has read it: parts of it may be known by then only. */

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

/** Whether a word could be one that a pattern with `*` names. Both are walked through once, side by side. */
export function couldBe(pattern: string, text: string): boolean {
  if (!pattern.includes("*") && isKnown(text)) return pattern === text;
  let places = behindStars(pattern, [0]);
  for (const given of text) {
    const isOpen = given === ANYTHING || given === ANY_NAME;
    const next = [...places].flatMap((place) => {
      if (isOpen) return reach(pattern, place, given);
      if (pattern[place] === "*") return [place];
      return pattern[place] === given ? [place + 1] : [];
    });
    places = behindStars(pattern, next);
    if (places.size === 0) return false;
  }
  return places.has(pattern.length);
}

function behindStars(pattern: string, places: readonly number[]): ReadonlySet<number> {
  const all = new Set(places);
  for (const place of all) if (pattern[place] === "*") all.add(place + 1);
  return all;
}

/** How far what is not known can stand for a pattern's characters. */
function reach(pattern: string, place: number, given: string): readonly number[] {
  const places = [place];
  for (let at = place; at < pattern.length && (given === ANYTHING || pattern[at] !== "/"); at += 1) places.push(at + 1);
  return places;
}
