/** Owns reading a request's query parameters: an unknown name, a doubled one or a wrong value is an error, never ignored. */
import { type ProblemError, problem } from "../../shared/protocol/problem.ts";

export class QueryParameters {
  readonly #query: URLSearchParams;
  readonly #code: "invalid_request" | "invalid_filter";

  /** `code` is what wrong parameters are answered with: on the events' paths all of them are part of the filter. */
  constructor(query: URLSearchParams, code: "invalid_request" | "invalid_filter" = "invalid_request") {
    this.#query = query;
    this.#code = code;
  }

  /** @throws ProblemError for a parameter with another name. */
  allow(...names: readonly string[]): this {
    for (const name of this.#query.keys()) {
      if (names.includes(name)) continue;
      const there = names.length === 0 ? "this path takes none" : `there are ${names.join(", ")}`;
      throw this.wrong(name, `"${name}" is not a parameter here; ${there}`);
    }
    return this;
  }

  /** A parameter's only value. */
  text(name: string): string | undefined {
    const [value, second] = this.#query.getAll(name);
    if (second !== undefined) throw this.wrong(name, `"${name}" can be given once`);
    if (value === "") throw this.wrong(name, `"${name}" is empty; leave it out instead`);
    return value;
  }

  /** A whole number, both bounds included. */
  integer(name: string, { least, most }: { readonly least: number; readonly most: number }): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw this.wrong(name, `"${name}" must be a whole number from ${least} to ${most}, not "${text}"`);
  }

  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.text(name);
    const choice = choices.find((known) => known === text);
    if (text === undefined || choice !== undefined) return choice;
    throw this.wrong(name, `"${name}" must be one of ${choices.join(", ")}, not "${text}"`);
  }

  wrong(name: string, message: string): ProblemError {
    return problem(this.#code, `${message}.`, { issues: [{ path: name, message }] });
  }
}
