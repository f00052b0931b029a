/** Owns how the rules of what may go become SQL: the same condition weighs a partition and thins it. */
import type { RemovalRequest } from "./messages.ts";
import type { BoundSql } from "./rowQuery.ts";

/** A condition that holds for the rows that may go. It is never NULL, so that its opposite is what stays. */
export function removalCondition({ beforeMs, projects, pinned, leastMs, mostMs }: RemovalRequest): BoundSql {
  const cases = projects.map(() => "WHEN ? THEN ?").join(" ");
  const before = projects.length === 0 ? "?" : `CASE project ${cases} ELSE ? END`;
  const age = `max(?, min(ts, ?)) < ${before}`;
  const parameters = [leastMs, mostMs, ...projects.flat(), beforeMs];
  if (pinned.length === 0) return { sql: `(${age})`, parameters };
  // No session has an empty name.
  const isPinned = `(project, coalesce(session, '')) IN (VALUES ${pinned.map(() => "(?,?)").join(",")})`;
  return { sql: `(${age} AND NOT ${isPinned})`, parameters: [...parameters, ...pinned.flat()] };
}
