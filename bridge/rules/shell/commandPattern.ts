/**
 * Owns what a rule's `command` means. Its words must be the command's: a `*` inside of a word stands for any part of that one
 * word, and a `*` that is the last word for any further words, or none.
 */
import { matchesWildcard } from "../wildcard.ts";
import { type CommandCandidates, findCommands } from "./commandCandidates.ts";
import { readPlainWords } from "./plainWords.ts";
import { type Search, searchCommand } from "./soughtCommand.ts";

/** Any further words. */
const REST = "*";

/** Whether an allow rule with this pattern names the whole of a command. */
export function allowsCommand(pattern: string, command: string): boolean {
  // Named byte for byte, it may be anything: it is what somebody has read.
  if (pattern === command) return true;
  const words = readPlainWords(command);
  return words !== undefined && matchesWords(patternWords(pattern), words);
}

/** Whether a command, as a pattern, names nothing but itself. */
export function namesItselfAlone(command: string): boolean {
  const words = readPlainWords(command);
  return words !== undefined && !command.includes("*");
}

function matchesWords(pattern: readonly string[], words: readonly string[]): boolean {
  const hasRest = pattern.length > 1 && pattern.at(-1) === REST;
  const fixed = hasRest ? pattern.slice(0, -1) : pattern;
  if (hasRest ? words.length < fixed.length : words.length !== fixed.length) return false;
  return fixed.every((part, index) => allowsWord(part, words[index] ?? ""));
}

/**
 * What a `*` stands for leads nowhere else: `rm build/*` is no `rm build/..`, nor `rm build/`. In front of a word it makes no option of
 * it either.
 */
function allowsWord(pattern: string, word: string): boolean {
  if (!matchesWildcard(pattern, word)) return false;
  if (pattern === "*" || !pattern.includes("*")) return true;
  if (pattern.startsWith("*") && word.startsWith("-")) return false;
  return ["", ".", ".."].every((place) => countParts(word, place) <= countParts(pattern, place));
}

/** Also behind `--file=` and `host:`. */
function countParts(word: string, place: string): number {
  return word.split(/[/:=]/).filter((part) => part === place).length;
}

/** A pattern's words: quotes hold one together, as in a shell. */
export function patternWords(pattern: string): readonly string[] {
  return [...pattern.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_all, double?: string, single?: string) => double ?? single ?? ""),
  );
}

/** Looks in one text for what deny and ask rules name; what it may run is found out once. */
export function searcherOf(text: string): (pattern: string) => Search {
  let candidates: CommandCandidates | undefined;
  return (pattern) => {
    if (pattern.trim() === text.trim()) return { outcome: "found", why: "it is the very text that the rule names" };
    candidates ??= findCommands(text);
    return searchCommand(patternWords(pattern), candidates);
  };
}
