/**
 * Owns `rules.json`: one file that people read and write, with comments, read anew before it is gone by. While it is wrong
 * nothing is allowed by it; what the last good one denied stays denied.
 */
import { realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type ParseError, parse } from "jsonc-parser/lib/esm/main.js";
import { toIssues } from "../../shared/events/parse.ts";
import { type ProblemError, problem } from "../../shared/protocol/problem.ts";
import { RULES_BEGINNING, type Rule, type RulesInForce, type RuleTimeout } from "../../shared/protocol/rules.ts";
import { describeParseFault } from "../json/parseFault.ts";
import { replaceFile } from "../store/durableFile.ts";
import { readRegularFile } from "./regularFile.ts";
import { rulesFile } from "./rulesSchema.ts";
import { findNameGivenTwice, withoutRule, withRule } from "./rulesText.ts";

/** Far more than the most rules need. */
const MAX_BYTES = 1024 * 1024;

interface Content {
  readonly rules: readonly Rule[];
  readonly timeouts: readonly RuleTimeout[];
}

interface Edited {
  readonly text: string;
  readonly rules: readonly Rule[];
}

export class RulesFile {
  readonly path: string;
  #good: Content = { rules: [], timeouts: [] };
  #problem: string | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.path = path;
  }

  /** What is wrong with the file as it was read last. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Sentences for whoever looks after the bridge. */
  warnings(): readonly string[] {
    return this.#problem === undefined ? [] : [`${this.#problem}. Until it is mended no rule allows anything`];
  }

  /** Reads the file anew; answers what is in force then. */
  async read(): Promise<RulesInForce> {
    const text = await this.#readText();
    if (typeof text !== "object") this.#take(text);
    else this.#problem = `${this.path} cannot be read: ${text.message}`;
    const { rules, timeouts } = this.#good;
    const isWrong = this.#problem !== undefined;
    return {
      file: this.path,
      // By their places in the file, which people are told.
      rules: isWrong ? rules.map((rule) => (rule.decision === "allow" ? { ...rule, decision: "ask" } : rule)) : rules,
      timeouts: isWrong ? timeouts.filter(({ decision }) => decision !== "approve") : timeouts,
      problem: this.#problem ?? null,
    };
  }

  /**
   * Puts a rule in front of all others, unless it is there already: whoever chose it has read what it allows. Answers whether it is new.
   *
   * @throws ProblemError `settings_invalid` when the file is wrong: what somebody wrote is not written over.
   */
  add(rule: Rule): Promise<boolean> {
    return this.#edit((text, { rules }) => {
      const isThere = rules.some((known) => isDeepStrictEqual(timeless(known), timeless(rule)));
      return isThere ? undefined : { text: withRule(text, rule), rules: [rule, ...rules] };
    });
  }

  /** Takes rules out; answers whether there were any. @throws ProblemError as `add` does. */
  remove(isMeant: (rule: Rule) => boolean): Promise<boolean> {
    return this.#edit((text, { rules }) => {
      const meant = rules.flatMap((rule, index) => (isMeant(rule) ? [index] : []));
      if (meant.length === 0) return undefined;
      // From the last one on, so that the places of those before it stay what they are.
      const shorter = meant.reduceRight((before, index) => withoutRule(before, index), text);
      return { text: shorter, rules: rules.filter((_rule, index) => !meant.includes(index)) };
    });
  }

  /** `change` answers the new text and what it is to say, or undefined where nothing is to change. Answers whether there was a change. */
  #edit(change: (text: string, content: Content) => Edited | undefined): Promise<boolean> {
    // One after the other: two that read the same would lose one's change.
    const edited = this.#writing.then(async () => {
      const text = await this.#readText();
      if (text === "" || typeof text === "string") this.#take(text);
      const refusal = text instanceof Error ? `${this.path} cannot be read: ${text.message}` : this.#problem;
      if (refusal !== undefined || text instanceof Error) throw wrongFile(refusal ?? "");
      const before = text.trim() === "" ? RULES_BEGINNING : text;
      const edited = change(before, this.#good);
      if (edited === undefined) return false;
      const read = readContent(edited.text);
      const isRight = typeof read !== "string" && isDeepStrictEqual(read.rules, edited.rules);
      if (!isRight) throw new Error(`${this.path} could not be changed without changing more of it`);
      // Where it is a link to a file that somebody keeps elsewhere, that one is replaced.
      const target = await realpath(this.path).catch(() => this.path);
      await replaceFile(dirname(target), target, Buffer.from(edited.text));
      this.#take(edited.text);
      return true;
    });
    this.#writing = edited.catch(() => undefined);
    return edited;
  }

  async #readText(): Promise<string | Error> {
    try {
      return await readRegularFile(this.path, MAX_BYTES);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #take(text: string): void {
    const read = readContent(text);
    this.#problem = typeof read === "string" ? `${this.path} ${read}` : undefined;
    if (typeof read !== "string") this.#good = read;
  }
}

/** What a text says, or what is wrong with it. */
function readContent(text: string): Content | string {
  if (text.trim() === "") return { rules: [], timeouts: [] };
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error !== undefined) return `is ${describeParseFault(text, error)}`;
  const twice = findNameGivenTwice(text);
  if (twice !== undefined) return `is wrong: "${twice}" is given twice in one object`;
  const checked = rulesFile.safeParse(value);
  if (checked.success) return { rules: checked.data.rules ?? [], timeouts: checked.data.timeouts ?? [] };
  const [issue] = toIssues(checked.error);
  return `is wrong: ${issue?.path || "the file"} ${issue?.message}`;
}

function wrongFile(why: string): ProblemError {
  return problem("settings_invalid", `${why}. Mend it first; nothing of it was changed.`);
}

/** What it says, whenever it was made. */
function timeless({ remembered_at: _at, ...rule }: Rule): Rule {
  return rule;
}
