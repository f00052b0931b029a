/**
 * Owns the shortest way to the end of a log: `televibe tail` with a job's whole id, which scripts and agents call again and
 * again. It is answered before the command line is loaded, and without a bridge; whatever is not as plain as that is left to
 * the command.
 */
import { writeSync } from "node:fs";
import { join } from "node:path";
import { dataDirectory } from "../../shared/client/dataDirectory.ts";
import { plainLine } from "../../shared/text/terminalText.ts";
import { readLogEnd } from "../logs/logEnd.ts";
import { isPlainName } from "../logs/plainName.ts";
import { endQuietlyWithoutReader } from "./terminal.ts";

export const DEFAULT_TAIL_LINES = 50;

/** Most lines that are shown this way. */
const MAX_LINES = 10_000;

const STANDARD_OUTPUT = 1;

/** Shows what the words ask for, if they ask for just that and the log is there; answers whether they did. */
export function showLogEnd(words: readonly string[], env: NodeJS.ProcessEnv): boolean {
  const wanted = readWords(words);
  if (wanted === undefined || !isPlainName(wanted.jobId)) return false;
  const lines = readLogEnd(join(dataDirectory(env, wanted.dataDir), "logs"), wanted.jobId, wanted.lines);
  if (lines === undefined) return false;
  print(lines.map((line) => `${plainLine(line)}\n`).join(""));
  return true;
}

interface Wanted {
  readonly jobId: string;
  readonly lines: number;
  readonly dataDir?: string;
}

/** `tail <job> [-n <count>] [--data-dir <folder>]`, in any order behind `tail`; undefined for anything else. */
function readWords([command, ...words]: readonly string[]): Wanted | undefined {
  if (command !== "tail") return undefined;
  let jobId: string | undefined;
  let lines = DEFAULT_TAIL_LINES;
  let dataDir: string | undefined;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (word === "-n" || word === "--lines") {
      const count = words[++index] ?? "";
      if (!/^[1-9]\d{0,4}$/.test(count)) return undefined;
      lines = Number(count);
    } else if (word === "--data-dir") {
      dataDir = words[++index];
      if (dataDir === undefined || dataDir.startsWith("-")) return undefined;
    } else if (jobId === undefined && !word.startsWith("-")) {
      jobId = word;
    } else {
      return undefined;
    }
  }
  if (jobId === undefined || lines > MAX_LINES) return undefined;
  return { jobId, lines, ...(dataDir === undefined ? {} : { dataDir }) };
}

/** Straight to the file descriptor: making `process.stdout` takes longer than all the rest. */
function print(text: string): void {
  let bytes = Buffer.from(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(STANDARD_OUTPUT, bytes));
  } catch {
    // A pipe that takes no more just now, or that nobody reads: the stream knows how to wait, and how to end.
    endQuietlyWithoutReader();
    process.stdout.write(bytes);
  }
}
