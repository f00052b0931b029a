/**
 * Owns what a rule's `command` means. Its words must be the command's: a `*` inside of a word stands for any part of that one
 * word, and a `*` that is the last word for any further words, or none.
 */
import { findCommands } from "./commandCandidates.ts";
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
  if (!matchesWord(pattern, word)) return false;
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

/** By hand, not as a regular expression: what a person wrote may make one that takes for ever. */
export function matchesWord(pattern: string, word: string): boolean {
  const [first = "", ...others] = pattern.split("*");
  if (others.length === 0) return word === pattern;
  if (!word.startsWith(first)) return false;
  const last = others.pop() ?? "";
  let position = first.length;
  for (const part of others) {
    const found = word.indexOf(part, position);
    if (found === -1) return false;
    position = found + part.length;
  }
  return word.length - last.length >= position && word.endsWith(last);
}

/** Whether anything that a text may run is what a deny or ask rule names. */
export function searchFor(pattern: string, text: string): Search {
  if (pattern.trim() === text.trim()) return { outcome: "found", why: "It is the very text that the rule names" };
  return searchCommand(patternWords(pattern), findCommands(text));
}
