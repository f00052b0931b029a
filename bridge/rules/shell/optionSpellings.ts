/**
 * Owns which options of commands that destroy are one option in several spellings, so that a deny or ask rule that names one finds the
 * others. A few well-known commands, and no more: of any other, an option is found as it is spelt.
 */
import { commandName } from "./commandCandidates.ts";
import { couldBe, isKnown, knownPart } from "./shellWord.ts";

interface CommandOptions {
  /** Spellings that do the same; one that does two things at once stands in two lists. With a `*`, a mark in front of a word. */
  readonly same: readonly (readonly string[])[];
  /** Letters that a value may follow in the same word, so that no letter behind them is an option. */
  readonly values?: string;
}

/** Of `git push -4f` too. */
const SHORT_OPTIONS = /^-?[A-Za-z0-9]*$/;

const FORCE = ["--force", "-f"];
const DELETE = ["--delete", "-d"];
const RECURSIVE = ["--recursive", "-R"];
const FORCE_ALONE: CommandOptions = { same: [FORCE] };
const RECURSIVE_ALONE: CommandOptions = { same: [RECURSIVE] };

const COMMANDS: ReadonlyMap<string, CommandOptions> = new Map<string, CommandOptions>([
  // A reference with a plus in front is pushed by force, and one with nothing in front of its colon is deleted.
  [
    "git push",
    {
      same: [
        [...FORCE, "+*"],
        [...DELETE, ":*"],
      ],
      values: "o",
    },
  ],
  ["git clean", { same: [FORCE], values: "e" }],
  ["git checkout", { same: [FORCE], values: "bB" }],
  ["git switch", { same: [[...FORCE, "--discard-changes"]], values: "cC" }],
  [
    "git branch",
    {
      same: [
        [...DELETE, "-D"],
        [...FORCE, "-D"],
      ],
      values: "u",
    },
  ],
  ["git tag", { same: [FORCE, DELETE], values: "mFu" }],
  ["git rm", FORCE_ALONE],
  ["git worktree", FORCE_ALONE],
  ["git commit", { same: [["--no-verify", "-n"]], values: "mFCctuS" }],
  ["rm", { same: [FORCE, [...RECURSIVE, "-r"]] }],
  ["mv", { same: [FORCE], values: "St" }],
  ["cp", { same: [FORCE, [...RECURSIVE, "-r"]], values: "St" }],
  ["chmod", RECURSIVE_ALONE],
  ["chown", RECURSIVE_ALONE],
  ["chgrp", RECURSIVE_ALONE],
]);

/** How the options are found that a pattern names. */
export interface OptionSearch {
  /** Whether one of a command's words could be the option. */
  isAmong(option: string, given: readonly string[]): boolean;
  /** What is left of a word without an option that is a mark in front of it: `main` of `+main`. */
  withoutMark(text: string): string;
}

const AS_SPELT: OptionSearch = { isAmong: isSpelt, withoutMark: (text) => text };

/** Of a pattern with this command, and these words in front of its options. */
export function optionSearch(name: string, leading: readonly string[]): OptionSearch {
  const own = commandName(name);
  const options = COMMANDS.get(`${own} ${leading[0] ?? ""}`) ?? COMMANDS.get(own);
  if (options === undefined) return AS_SPELT;
  const marks = options.same.flat().flatMap((spelling) => (spelling.endsWith("*") ? [spelling.slice(0, -1)] : []));
  return {
    isAmong: (option, given) =>
      isSpelt(option, given) || lettersOf(option).every((each) => isThere(each, given, options)),
    withoutMark: (text) => (marks.some((mark) => text.startsWith(mark)) ? text.slice(1) : text),
  };
}

function isSpelt(option: string, given: readonly string[]): boolean {
  return given.some((text) => couldBe(option, text));
}

/** `-rf` is `-r` and `-f`. */
function lettersOf(option: string): readonly string[] {
  return /^-[A-Za-z]{2,}$/.test(option)
    ? option
        .slice(1)
        .split("")
        .map((letter) => `-${letter}`)
    : [option];
}

function isThere(option: string, given: readonly string[], { same, values = "" }: CommandOptions): boolean {
  const lists = same.filter((spellings) => spellings.some((spelling) => couldBe(option, spelling)));
  const wanted = lists.length === 0 ? [[option]] : lists;
  return wanted.every((spellings) =>
    spellings.some((spelling) => given.some((text) => isSpelling(spelling, text, values))),
  );
}

function isSpelling(spelling: string, text: string, values: string): boolean {
  if (couldBe(spelling, text)) return true;
  if (spelling.startsWith("--")) return isKnown(text) && text.length > 2 && spelling.startsWith(text);
  if (!/^-[A-Za-z]$/.test(spelling) || text.startsWith("--")) return false;
  const letter = spelling.slice(1);
  // Among other letters: `-uf`.
  return isKnown(text) ? bundled(text, values).includes(letter) : couldBeAmong(letter, text, values);
}

/** Where no letter takes a value, there are but letters: `*.log` and `$DIR/x` become no options of `rm`. */
function couldBeAmong(letter: string, text: string, values: string): boolean {
  return couldBe(`-*${letter}*`, text) && (values !== "" || SHORT_OPTIONS.test(knownPart(text)));
}

/** The letters of a word of short options, up to one that takes the rest of it as its value. */
function bundled(text: string, values: string): string {
  const [, letters = ""] = /^-([A-Za-z0-9]+)/.exec(text) ?? [];
  const end = letters.split("").findIndex((letter) => values.includes(letter));
  return end < 0 ? letters : letters.slice(0, end + 1);
}
