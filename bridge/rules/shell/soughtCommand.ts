/** Owns when shell text could run what a deny or ask rule names: if any command in it could, the rule has found it. */
import { type CommandCandidates, commandName } from "./commandCandidates.ts";
import { ANYTHING, couldBe, isKnown, type ShellWord } from "./shellWord.ts";

export type Search =
  | { readonly outcome: "found"; readonly why: string }
  | { readonly outcome: "not_found"; readonly why: string }
  /** Not found, and not all of the text was understood. */
  | { readonly outcome: "unclear"; readonly why: string };

/** Looks for the command of a pattern's words among those that a text could run. */
export function searchCommand(wanted: readonly string[], { commands, unclear }: CommandCandidates): Search {
  if (commands.some((words) => isSought(wanted, words))) {
    return { outcome: "found", why: "the command is, or runs, what the rule names" };
  }
  if (unclear === undefined) return { outcome: "not_found", why: "no command in it is what the rule names" };
  return { outcome: "unclear", why: `the command ${unclear}, so it could run what the rule names` };
}

function isSought([name = "", ...rest]: readonly string[], [first, ...given]: readonly ShellWord[]): boolean {
  if (first === undefined) return false;
  if (name === "*" && rest.length === 0) return true;
  const own = commandName(first.text);
  // One that is not known is no find: the text is unclear then, and a person looks at it.
  return isKnown(own) && couldBe(commandName(name), own) && argumentsCouldBe(rest, given);
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
