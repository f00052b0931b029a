/** Owns `*` and `?` in a short text: matched in time that no pattern can make long. */

export interface WildcardOptions {
  /** `?` stands for one character; else it is one like any other. */
  readonly hasQuestionMark?: boolean;
}

/** Whether a text is all of what a pattern names: `*` stands for any characters, none as well. */
export function matchesWildcard(
  pattern: string,
  text: string,
  { hasQuestionMark = false }: WildcardOptions = {},
): boolean {
  const wanted = [...pattern];
  const given = [...text];
  let at = 0;
  /** The last star that was passed, and how much of the text it stands for begins here. */
  let star = -1;
  let resume = 0;
  for (let index = 0; index < given.length; ) {
    const character = wanted[at];
    if (character === "*") {
      star = at;
      resume = index;
      at += 1;
    } else if (character !== undefined && (character === given[index] || (hasQuestionMark && character === "?"))) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      index = resume;
    } else {
      return false;
    }
  }
  return wanted.slice(at).every((character) => character === "*");
}
