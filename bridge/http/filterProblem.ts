/** Owns turning what a filter says is wrong into the problem that clients get. */
import { type EventFilter, FilterError } from "../../shared/protocol/filter.ts";
import { problem } from "../../shared/protocol/problem.ts";

/** Runs a parser of filters. @throws ProblemError `invalid_filter`, naming the parameter. */
export function readFilterWith(parse: () => EventFilter): EventFilter {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const { parameter, message } = error;
    throw problem("invalid_filter", `${message}.`, { issues: [{ path: parameter, message }], cause: error });
  }
}
