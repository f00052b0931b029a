/** Owns the filters of commands that look at events, with the names that people know them by. */
import type { Command } from "commander";
import { type EventFilter, FilterError, parseFilter } from "../../shared/protocol/filter.ts";
import { usageError } from "./cliError.ts";

export interface FilterOptions {
  readonly project?: string;
  readonly session?: string;
  readonly job?: string;
  readonly type?: readonly string[];
  readonly since?: string;
  readonly until?: string;
}

export function addFilters(command: Command): Command {
  return command
    .option("--project <id>", "only this project; its name will do")
    .option("--session <id>", "only this session; its name will do")
    .option("--since <time>", "not before this time: RFC 3339, a date, or how long ago (2h, 3d)")
    .option("--until <time>", "not after this time");
}

const AGO = /^(\d+)([smhd])$/;
const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @throws CliError naming the option that is not understood. */
export function toFilter(options: FilterOptions, nowMs: number): EventFilter {
  const pairs: [string, string][] = [];
  if (options.project !== undefined) pairs.push(["project_id", options.project]);
  if (options.session !== undefined) pairs.push(["session_id", options.session]);
  if (options.job !== undefined) pairs.push(["job_id", options.job]);
  for (const type of options.type ?? []) pairs.push(["type", type]);
  if (options.since !== undefined) pairs.push(["since", toTime(options.since, nowMs)]);
  if (options.until !== undefined) pairs.push(["until", toTime(options.until, nowMs)]);
  try {
    return parseFilter(pairs);
  } catch (error) {
    if (error instanceof FilterError) throw usageError(error.message);
    throw error;
  }
}

/** A time as people write it; what is understood comes back as RFC 3339. */
export function toTime(text: string, nowMs: number): string {
  const ago = AGO.exec(text);
  if (ago !== null) return new Date(nowMs - Number(ago[1]) * (UNITS_MS[ago[2] ?? ""] ?? 0)).toISOString();
  const parsedMs = Date.parse(text);
  if (Number.isNaN(parsedMs)) {
    throw usageError(
      `"${text}" is no time; write one such as 2026-11-23T09:30:00Z, 2026-11-23, or 2h for two hours ago`,
    );
  }
  return new Date(parsedMs).toISOString();
}
