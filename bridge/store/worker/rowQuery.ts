/** Owns how a query becomes SQL. Values only ever travel as bound parameters. */

import { searchExpression } from "../searchText.ts";
import type { RowFilter, RowQuery } from "./messages.ts";

export interface BoundSql {
  readonly sql: string;
  readonly parameters: (string | number)[];
}

/**
 * Rows by key, never by offset: a page costs the same wherever it begins. What matches is found first, in an index, and
 * only then are rows read.
 */
export function rowQuerySql({ filter, after, before, limit, order }: RowQuery): BoundSql {
  const conditions = [condition("seq > ?", after), condition("seq < ?", before), ...filterConditions(filter)];
  const where = conditions.map(({ sql }) => sql).join(" AND ");
  const bySeq = `ORDER BY seq ${order === "asc" ? "ASC" : "DESC"}`;
  const matching = `SELECT seq FROM events ${bestIndex(filter)} WHERE ${where} ${bySeq} LIMIT ?`;
  return {
    sql: `SELECT seq, body FROM events WHERE seq IN (${matching}) ${bySeq}`,
    parameters: [...conditions.flatMap(({ parameters }) => parameters), limit],
  };
}

/** SQLite cannot know that a job has fewer events than its session, and that one fewer than its project. */
function bestIndex({ job, session, project, type, search }: RowFilter): string {
  if (search !== undefined) return "";
  if (job !== undefined) return "INDEXED BY events_job";
  if (session !== undefined) return "INDEXED BY events_session";
  if (project !== undefined) return "INDEXED BY events_project";
  return type === undefined || type.includes("*") ? "NOT INDEXED" : "INDEXED BY events_type";
}

function filterConditions(filter: RowFilter): BoundSql[] {
  const conditions: BoundSql[] = [];
  if (filter.project !== undefined) conditions.push(oneOf("project", filter.project));
  if (filter.session !== undefined) conditions.push(oneOf("session", filter.session));
  if (filter.job !== undefined) conditions.push(oneOf("job", filter.job));
  if (filter.type !== undefined && !filter.type.includes("*")) conditions.push(typeCondition(filter.type));
  if (filter.sinceMs !== undefined) conditions.push(condition("ts >= ?", filter.sinceMs));
  if (filter.untilMs !== undefined) conditions.push(condition("ts <= ?", filter.untilMs));
  if (filter.search !== undefined) conditions.push(searchCondition(filter.search));
  return conditions;
}

/** No event has no word. */
function searchCondition(search: string): BoundSql {
  const expression = searchExpression(search);
  if (expression === undefined) return condition("0");
  return condition("seq IN (SELECT docid FROM search WHERE words MATCH ?)", expression);
}

function condition(sql: string, ...parameters: (string | number)[]): BoundSql {
  return { sql, parameters };
}

function oneOf(column: "project" | "session" | "job" | "type", values: readonly string[]): BoundSql {
  return { sql: `${column} IN (${values.map(() => "?").join(", ")})`, parameters: [...values] };
}

function typeCondition(patterns: readonly string[]): BoundSql {
  const domains = patterns.filter((pattern) => pattern.endsWith(".*"));
  const exact = patterns.filter((pattern) => !pattern.endsWith(".*"));
  const parts = domains.map((pattern) => {
    const prefix = pattern.slice(0, -1);
    // "job." up to "job/", the next character: a range that the index on type can seek.
    return condition("(type >= ? AND type < ?)", prefix, `${prefix.slice(0, -1)}/`);
  });
  if (exact.length > 0 || parts.length === 0) parts.push(oneOf("type", exact));
  return { sql: `(${parts.map(({ sql }) => sql).join(" OR ")})`, parameters: parts.flatMap((part) => part.parameters) };
}
