/** Owns running one measurement in a process of its own, which prints its figures as JSON. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** A measurement takes seconds; one that hangs must not hang the run. */
const TIMEOUT_MS = 180_000;

export async function runProgram<T>(file: string, options: object): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify(options)], {
    timeout: TIMEOUT_MS,
  });
  const figures: T = JSON.parse(stdout);
  return figures;
}

/** What `runProgram` was given, for the program itself. */
export function programOptions<T>(): T {
  const options: T = JSON.parse(process.argv[2] ?? "");
  return options;
}
