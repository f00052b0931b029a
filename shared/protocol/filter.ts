/**
 * Owns the filter that queries and streams share. Several values of one parameter mean any of them; several parameters
 * mean all of them. A name or value that is not understood is an error, never "everything".
 */

import type { StoredEvent } from "../events/event.ts";
import { type EventPattern, isEventPattern, matchesPattern } from "../events/pattern.ts";

export interface EventFilter {
  readonly project_id?: readonly string[];
  readonly session_id?: readonly string[];
  readonly job_id?: readonly string[];
  readonly type?: readonly EventPattern[];
  /** Inclusive bounds on the event's own timestamp: RFC 3339, UTC, milliseconds. */
  readonly since?: string;
  readonly until?: string;
}

/** The filter's own parameter names, as they stand in a URL. */
export const FILTER_PARAMETERS = ["project_id", "session_id", "job_id", "type", "since", "until"] as const;
/** Most values of one filter: each costs a reader of every event a comparison, and a query a variable. */
export const MAX_FILTER_VALUES = 1000;

const LISTS = ["project_id", "session_id", "job_id"] as const;

/** Thrown for a filter that is not understood; `parameter` is the wrong one's name. */
export class FilterError extends Error {
  readonly code = "invalid_filter";
  readonly parameter: string;

  constructor(parameter: string, message: string) {
    super(message);
    this.name = "FilterError";
    this.parameter = parameter;
  }
}

/**
 * Reads a filter from name-value pairs, such as a `URLSearchParams`. Types may be repeated or separated by commas.
 *
 * @param others further parameter names that the caller reads itself.
 * @throws FilterError for an unknown name, a name given twice that can be given once, or a value that is not understood.
 */
export function parseFilter(pairs: Iterable<readonly [string, string]>, others: readonly string[] = []): EventFilter {
  const values = new Map<string, string[]>();
  let count = 0;
  for (const [name, value] of pairs) {
    if (others.includes(name)) continue;
    count += name === "type" ? value.split(",").length : 1;
    if (count > MAX_FILTER_VALUES) {
      throw new FilterError(name, `A filter has at most ${MAX_FILTER_VALUES} values; take several streams, or "*"`);
    }
    if (!FILTER_PARAMETERS.some((known) => known === name)) {
      throw new FilterError(
        name,
        `"${name}" is not a filter; there are ${[...FILTER_PARAMETERS, ...others].join(", ")}`,
      );
    }
    if (value === "") throw new FilterError(name, `"${name}" is empty; leave it out to take everything`);
    values.set(name, [...(values.get(name) ?? []), value]);
  }

  const type = values.get("type")?.flatMap((value) => value.split(","));
  for (const pattern of type ?? []) {
    if (!isEventPattern(pattern)) {
      throw new FilterError(
        "type",
        `"${pattern}" is not an event pattern; use *, a domain such as job.*, or one type such as job.started`,
      );
    }
  }

  const since = time(values, "since");
  const until = time(values, "until");
  return {
    ...Object.fromEntries(LISTS.flatMap((name) => (values.has(name) ? [[name, values.get(name)]] : []))),
    ...(type === undefined ? {} : { type }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
}

/** Writes a filter as the name-value pairs that `parseFilter` reads. */
export function filterParameters(filter: EventFilter): [string, string][] {
  return FILTER_PARAMETERS.flatMap((name) => {
    const value = filter[name];
    if (value === undefined) return [];
    return (typeof value === "string" ? [value] : value).map((item): [string, string] => [name, item]);
  });
}

/** Whether an event passes a filter. */
export function matchesFilter(filter: EventFilter, event: StoredEvent): boolean {
  return (
    includes(filter.project_id, event.project_id) &&
    includes(filter.session_id, event.session_id) &&
    includes(filter.job_id, event.job_id) &&
    (filter.type === undefined || filter.type.some((pattern) => matchesPattern(pattern, event.event_type))) &&
    (filter.since === undefined || event.timestamp >= filter.since) &&
    (filter.until === undefined || event.timestamp <= filter.until)
  );
}

function includes(wanted: readonly string[] | undefined, value: string | null): boolean {
  return wanted === undefined || (value !== null && wanted.includes(value));
}

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

function time(values: ReadonlyMap<string, readonly string[]>, name: "since" | "until"): string | undefined {
  const [value, second] = values.get(name) ?? [];
  if (value === undefined) return undefined;
  if (second !== undefined) throw new FilterError(name, `"${name}" can be given once`);
  const milliseconds = RFC3339.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(milliseconds)) {
    throw new FilterError(name, `"${name}" must be an RFC 3339 time such as 2026-11-23T09:30:00Z, not "${value}"`);
  }
  return new Date(milliseconds).toISOString();
}
