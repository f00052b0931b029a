/**
 * Owns `npm run bench [-- --quick] [name...]`: runs the chosen benchmarks (all, by default), prints their figures and keeps
 * them in a file. Its exit code is 1 when a bar is missed or a benchmark fails. What a benchmark is: `benchmark.ts`.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { loadavg } from "node:os";
import { basename, join, relative } from "node:path";
import { parseArgs, promisify } from "node:util";
import { bundle } from "../support/bundle.ts";
import { quietMachine } from "../support/quietMachine.ts";
import { type Benchmark, type BenchmarkContext, reachesBar } from "./benchmark.ts";
import { BENCHMARKS } from "./benchmarks.ts";
import { describeMachine, describeVersions } from "./machine.ts";
import { installPeers } from "./peers.ts";
import { writeResult } from "./resultFile.ts";
import { formatTable } from "./table.ts";

const USAGE = `npm run bench -- [options] [name...]

  --quick            short and small; its figures are kept in .cache only
  --repeats N        how often each thing is measured (5; 2 when quick)
  --duration-ms MS   for how long each time (4000; 500 when quick)
  --directory DIR    where to measure: a folder on the disk that counts (.cache/bench)
  --list             names the benchmarks
  name               one, or the beginning of several
`;

interface Options {
  readonly root: string;
  readonly directory: string;
  readonly isQuick: boolean;
  readonly repeats: number;
  readonly durationMs: number;
}

export async function main(root: string, args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      repeats: { type: "string" },
      "duration-ms": { type: "string" },
      directory: { type: "string" },
    },
  });
  if (values.help) return print(USAGE);
  if (values.list) return print(BENCHMARKS.map(({ name, about }) => `${name.padEnd(20)} ${about}\n`).join(""));
  const chosen = choose(positionals);
  await run(root, "node", [join(root, "scripts/build.mjs")]);

  const options: Options = {
    root,
    directory: values.directory ?? join(root, ".cache/bench"),
    isQuick: values.quick,
    repeats: count("repeats", values.repeats) ?? (values.quick ? 2 : 5),
    durationMs: count("duration-ms", values["duration-ms"]) ?? (values.quick ? 500 : 4000),
  };
  const missed: string[] = [];
  for (const benchmark of chosen) missed.push(...(await measure(benchmark, options)));
  print(missed.length === 0 ? "\nEvery bar was reached.\n" : `\nNot reached:\n  ${missed.join("\n  ")}\n`);
  if (missed.length > 0) process.exitCode = 1;
}

/** Answers what was missed. */
async function measure(benchmark: Benchmark, options: Options): Promise<string[]> {
  const { name, about } = benchmark;
  print(`\n${name}: ${about}\n`);
  await mkdir(options.directory, { recursive: true });
  const directory = await mkdtemp(join(options.directory, "run-"));
  try {
    if (!options.isQuick) await quietMachine();
    const loadBefore = loadavg()[0] ?? 0;
    const date = new Date().toISOString();
    const figures = await benchmark.run(createContext(options, directory));
    print(`${formatTable(figures)}\n`);

    const { root, isQuick, repeats, durationMs } = options;
    const folder = join(root, isQuick ? ".cache/bench/results" : "test/bench/results");
    const [machine, versions] = [describeMachine(directory), await describeVersions(root)];
    const result = { benchmark: name, about, date, machine, versions, repeats, durationMs, loadBefore, figures };
    print(`  written to ${relative(root, await writeResult(folder, result))}\n`);
    return figures.filter((figure) => !reachesBar(figure)).map(({ what }) => `${name}: ${what}`);
  } catch (error) {
    print(`  failed: ${error instanceof Error ? error.stack : String(error)}\n`);
    return [`${name} failed`];
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

function createContext({ root, isQuick, repeats, durationMs }: Options, directory: string): BenchmarkContext {
  const report = (line: string) => print(`  … ${line}\n`);
  return {
    root,
    directory,
    isQuick,
    repeats,
    durationMs,
    bundle: (entry) => bundle(entry, join(root, ".cache/bench", `${basename(entry, ".ts")}.cjs`)),
    peers: () => installPeers(root, report),
    report,
  };
}

function choose(names: readonly string[]): readonly Benchmark[] {
  const unknown = names.filter((name) => !BENCHMARKS.some((benchmark) => benchmark.name.startsWith(name)));
  if (unknown.length > 0) {
    throw new Error(
      `No benchmark is called ${unknown.join(", ")}; there are ${BENCHMARKS.map(({ name }) => name).join(", ")}`,
    );
  }
  return names.length === 0 ? BENCHMARKS : BENCHMARKS.filter(({ name }) => names.some((each) => name.startsWith(each)));
}

function count(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${option} takes a whole number above 0, not "${text}"`);
  return value;
}

async function run(cwd: string, command: string, args: readonly string[]): Promise<void> {
  await promisify(execFile)(command, args, { cwd });
}

function print(text: string): void {
  process.stdout.write(text);
}
