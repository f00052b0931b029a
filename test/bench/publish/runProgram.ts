/** Owns running one measurement in a process of its own, which prints its figures as JSON. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

export async function runProgram<T>(file: string, options: object): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify(options)], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const figures: T = JSON.parse(stdout);
  return figures;
}

/** For the program itself. */
export function programOptions<T>(): T {
  const options: T = JSON.parse(process.argv[2] ?? "");
  return options;
}
