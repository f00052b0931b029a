/** Owns what a benchmark is, for those who write one and for `bench.ts`, which runs them. */

/**
 * One benchmark. To add one: a file or folder in `test/bench` that exports a `Benchmark`, and a line in `benchmarks.ts`.
 *
 * @example
 * export const tailBenchmark: Benchmark = {
 *   name: "log-tail",
 *   about: "The last 50 lines of a 4 GB log",
 *   run: async ({ repeats, isQuick, directory, report }) => {
 *     const ratios = [];
 *     for (let repeat = 0; repeat < repeats; repeat++) ratios.push(await measureOnce(directory, isQuick ? 0.1 : 4));
 *     return [{ what: "televibe tail / tail", unit: "times", ...spread(ratios), bar: { atMost: 2 } }];
 *   },
 * };
 */
export interface Benchmark {
  /** How it is chosen on the command line, and its file of results. Lower case and hyphens. */
  readonly name: string;
  /** One line. */
  readonly about: string;
  /** Answers what was measured. What it starts, it ends. An error is a failure of the benchmark, and of the run. */
  run(context: BenchmarkContext): Promise<readonly Figure[]>;
}

export interface BenchmarkContext {
  /** The repository's folder. `dist` in it is built. */
  readonly root: string;
  /** An empty folder on the disk that is measured; removed afterwards. */
  readonly directory: string;
  /** `--quick`: as short and small as it can be and still run every line; its figures are not kept. */
  readonly isQuick: boolean;
  /** How often to measure each thing, taking turns: 5, or 2 when quick. `--repeats` chooses. */
  readonly repeats: number;
  /** For how long to measure one thing once: 4000, or 500 when quick. `--duration-ms` chooses. */
  readonly durationMs: number;
  /** Bundles a TypeScript program, named from the repository's folder, for `node`; answers the file. */
  bundle(entry: string): string;
  /** Installs what `test/bench/package.json` names; answers a `require` that finds it. */
  peers(): Promise<NodeJS.Require>;
  /** Tells whoever waits what goes on. */
  report(line: string): void;
}

export interface Figure {
  /** Such as "televibe over HTTP, 64 in flight". */
  readonly what: string;
  /** Such as `events/s`, `ms`, `MB`, `times`. */
  readonly unit: string;
  /** The median, where it was measured several times. */
  readonly value: number;
  /** Each measurement, in order. */
  readonly samples?: readonly number[];
  /** What it must reach. A figure without a bar informs. */
  readonly bar?: { readonly atLeast: number } | { readonly atMost: number };
  /** What one must know to read it rightly: what an acknowledgement means, what is left out. */
  readonly note?: string;
}

export function reachesBar({ value, bar }: Figure): boolean {
  if (bar === undefined) return true;
  return "atLeast" in bar ? value >= bar.atLeast : value <= bar.atMost;
}
