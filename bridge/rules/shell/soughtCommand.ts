/** Owns when shell text could run what a deny or ask rule names: if any command in it could, the rule has found it. */
import { type CommandCandidates, commandName } from "./commandCandidates.ts";
import { optionSearch } from "./optionSpellings.ts";
import { ANYTHING, couldBe, isKnown, type ShellWord } from "./shellWord.ts";

export type Search =
  | { readonly outcome: "found"; readonly why: string }
  | { readonly outcome: "not_found"; readonly why: string }
  /** Not found, and not all of the text was understood. */
  | { readonly outcome: "unclear"; readonly why: string };

/** Looks for the command of a pattern's words among those that a text could run. */
export function searchCommand(wanted: readonly string[], { commands, unclear }: CommandCandidates): Search {
  const likeness = commands.map((words) => isSought(wanted, words));
  if (likeness.includes("is")) return { outcome: "found", why: "the command is, or runs, what the rule names" };
  const why = likeness.includes("may be") ? "has an expansion or a pattern in the place of an option" : unclear;
  if (why === undefined) return { outcome: "not_found", why: "no command in it is what the rule names" };
  return { outcome: "unclear", why: `the command ${why}, so it could run what the rule names` };
}

type Likeness = "is" | "may be" | "is not";

function isSought([name = "", ...rest]: readonly string[], [first, ...given]: readonly ShellWord[]): Likeness {
  if (first === undefined) return "is not";
  if (name === "*" && rest.length === 0) return "is";
  const own = commandName(first.text);
  // One that is not known is no find: the text is unclear then, and a person looks at it.
  if (!isKnown(own) || !couldBe(commandName(name), own)) return "is not";
  if (argumentsCouldBe(rest, given)) return "is";
  if (!rest.some(isOption)) return "is not";
  const known = given.filter(({ text }) => isKnown(text));
  if (optionsCouldBe(name, rest, known)) return "is";
  return optionsCouldBe(name, rest, given) ? "may be" : "is not";
}

function isOption(word: string): boolean {
  return word.startsWith("-") && word !== "-" && word !== "--";
}

function becomesAny({ text, isMany }: ShellWord): boolean {
  return isMany && text.includes(ANYTHING);
}

/**
 * Options that a pattern names may stand anywhere: `git push --force` is in `git -C x push origin --force`. The words in front of
 * them are the command's first ones all the same, and those behind come in their order, with any between.
 */
function optionsCouldBe(name: string, wanted: readonly string[], given: readonly ShellWord[]): boolean {
  const named = wanted.at(-1) === "*" ? wanted.slice(0, -1) : wanted;
  const leading = named.slice(0, named.findIndex(isOption));
  const search = optionSearch(name, leading);
  // Plain words are most of a long command, and no option.
  const isCandidate = (text: string) => text.startsWith("-") || !isKnown(text) || search.withoutMark(text) !== text;
  const texts = [...new Set(given.map(({ text }) => text).filter(isCandidate))];
  const areThere = given.some(becomesAny) || named.filter(isOption).every((option) => search.isAmong(option, texts));
  if (!areThere || !argumentsCouldBe([...leading, "*"], given)) return false;
  let place = 0;
  const words = named.filter((word) => !isOption(word));
  for (const word of given) {
    if (becomesAny(word)) return true;
    const pattern = words[place];
    if (pattern === undefined) continue;
    const bare = search.withoutMark(word.text);
    if (couldBe(pattern, word.text) || (bare !== word.text && couldBe(pattern, bare))) place += 1;
  }
  return place === words.length;
}

/**
 * A last `*` stands for any further words. Options that the pattern does not name may stand anywhere, with a value each: `git -C x push`
 * is a `git push`.
 */
function argumentsCouldBe(wanted: readonly string[], given: readonly ShellWord[]): boolean {
  const isOpen = wanted.at(-1) === "*";
  const named = isOpen ? wanted.slice(0, -1) : wanted;
  /** How many of the named words may have been passed. */
  let places = new Set([0]);
  let behindOption = new Set<number>();
  for (const word of given) {
    const next = new Set(behindOption);
    behindOption = new Set();
    for (const place of places) {
      const pattern = named[place];
      if (pattern !== undefined && couldBe(pattern, word.text)) next.add(place + 1);
      if (word.isMany) for (const reached of standingFor(named, place, word)) next.add(reached);
      if (!word.text.startsWith("-")) continue;
      next.add(place);
      behindOption.add(place);
    }
    // What is behind the named words is any.
    if (isOpen && places.has(named.length)) return true;
    places = next;
  }
  return places.has(named.length);
}

/** How many of the named words may have been passed behind one that can become many, or none. */
function standingFor(named: readonly string[], place: number, { text }: ShellWord): readonly number[] {
  const places = [place];
  for (let at = place; at < named.length; at += 1) {
    // Of what an expansion splits, only the first word begins as it is written; the names of files are all alike.
    if (!text.includes(ANYTHING) && !couldBe(named[at] ?? "", text)) break;
    places.push(at + 1);
  }
  return places;
}
