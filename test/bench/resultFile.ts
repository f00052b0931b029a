/** Owns the files of results, which are checked in: one a machine and benchmark, written by the run itself. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Figure } from "./benchmark.ts";
import { type Machine, machineName, type Versions } from "./machine.ts";

export interface Result {
  readonly benchmark: string;
  readonly about: string;
  /** RFC 3339, UTC. */
  readonly date: string;
  readonly machine: Machine;
  readonly versions: Versions;
  readonly repeats: number;
  readonly durationMs: number;
  /** Of the minute before the run: above 1 or so something else was running too. */
  readonly loadBefore: number;
  readonly figures: readonly Figure[];
}

/** Answers the file. */
export async function writeResult(folder: string, result: Result): Promise<string> {
  const directory = join(folder, machineName(result.machine));
  await mkdir(directory, { recursive: true });
  const file = join(directory, `${result.benchmark}.json`);
  const figures = result.figures.map((figure) => ({
    ...figure,
    value: rounded(figure.value),
    ...(figure.samples === undefined ? {} : { samples: figure.samples.map(rounded) }),
  }));
  await writeFile(file, `${JSON.stringify({ ...result, figures }, null, 2)}\n`);
  return file;
}

/** Four digits that count. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
