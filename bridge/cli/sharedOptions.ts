/** Owns options that several commands have, so that they are called and explained alike. */
import type { Command } from "commander";
import { usageError } from "./cliError.ts";

export interface DataDirOption {
  readonly dataDir?: string;
}

export function addDataDir(command: Command): Command {
  return command.option(
    "--data-dir <folder>",
    "where the bridge keeps its data (default: $TELEVIBE_DATA_DIR or ~/.televibe)",
  );
}

const UNITS: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** Reads `90`, `30s`, `5m`, `2h` or `1d`; answers seconds. */
export function parseSeconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text);
  const unit = UNITS[match?.[2] ?? "?"];
  if (match === null || unit === undefined)
    throw usageError(`"${text}" is no length of time; write seconds, or 30s, 5m, 2h, 1d`);
  return Number(match[1]) * unit;
}

/** Reads a whole number above zero. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value === 0) {
    throw usageError(`"${text}" is no count; write a whole number above zero`);
  }
  return value;
}
