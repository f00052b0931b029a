/**
 * Owns `rules.json`: one file that people read and write, with comments, read anew before it is gone by. While it is wrong
 * nothing is allowed by it; what the last good one denied stays denied.
 */
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { applyEdits, modify, type ParseError, parse, printParseErrorCode } from "jsonc-parser/lib/esm/main.js";
import { toIssues } from "../../shared/events/parse.ts";
import { type ProblemError, problem } from "../../shared/protocol/problem.ts";
import { RULES_BEGINNING, type Rule, type RulesInForce, type RuleTimeout } from "../../shared/protocol/rules.ts";
import { replaceFile } from "../store/durableFile.ts";
import { rulesFile } from "./rulesSchema.ts";

interface Content {
  readonly rules: readonly Rule[];
  readonly timeouts: readonly RuleTimeout[];
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
   * Puts a rule in front of all others, unless it is there already: whoever chose it has read what it allows.
   *
   * @throws ProblemError `settings_invalid` when the file is wrong: what somebody wrote is not written over.
   */
  add(rule: Rule): Promise<void> {
    return this.#edit((text, { rules }) => {
      if (rules.some((known) => JSON.stringify(known) === JSON.stringify(rule))) return text;
      const options = { formattingOptions: { insertSpaces: true, tabSize: 2 }, isArrayInsertion: true };
      return applyEdits(text, modify(text, ["rules", 0], rule, options));
    });
  }

  /** Takes out the rules that are only for a session. @throws ProblemError as `add` does. */
  removeSession(session: string): Promise<void> {
    return this.#edit((text, { rules }) => {
      let edited = text;
      // From the last one on, so that the places of those before it stay what they are.
      for (const index of [...rules.keys()].reverse()) {
        if (rules[index]?.session === session)
          edited = applyEdits(edited, modify(edited, ["rules", index], undefined, {}));
      }
      return edited;
    });
  }

  #edit(change: (text: string, content: Content) => string): Promise<void> {
    // One after the other: two that read the same would lose one's change.
    const edited = this.#writing.then(async () => {
      const text = await this.#readText();
      if (text === "" || typeof text === "string") this.#take(text);
      const refusal = text instanceof Error ? `${this.path} cannot be read: ${text.message}` : this.#problem;
      if (refusal !== undefined || text instanceof Error) throw wrongFile(refusal ?? "");
      const before = text.trim() === "" ? RULES_BEGINNING : text;
      const after = change(before, this.#good);
      if (after === before) return;
      await replaceFile(dirname(this.path), this.path, Buffer.from(after));
      this.#take(after);
    });
    this.#writing = edited.catch(() => undefined);
    return edited;
  }

  async #readText(): Promise<string | Error> {
    try {
      return await readFile(this.path, "utf8");
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
  if (error !== undefined) {
    const line = text.slice(0, error.offset).split("\n").length;
    return `is no JSON: ${printParseErrorCode(error.error)} in line ${line}`;
  }
  const checked = rulesFile.safeParse(value);
  if (checked.success) return { rules: checked.data.rules ?? [], timeouts: checked.data.timeouts ?? [] };
  const [issue] = toIssues(checked.error);
  return `is wrong: ${issue?.path || "the file"} ${issue?.message}`;
}

function wrongFile(why: string): ProblemError {
  return problem("settings_invalid", `${why}. Mend it first; nothing of it was changed.`);
}
