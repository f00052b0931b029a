/** Owns the list of benchmarks, in the order in which they run. */
import type { Benchmark } from "./benchmark.ts";
import { publishStoreBenchmark } from "./publish/publishStore.ts";

export const BENCHMARKS: readonly Benchmark[] = [publishStoreBenchmark];
