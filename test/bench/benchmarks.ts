/** Owns the list of benchmarks, in the order in which they run. */
import type { Benchmark } from "./benchmark.ts";
import { durabilityBenchmarks } from "./durability/durabilityBenchmarks.ts";
import { hookBenchmark } from "./hooks/hookBenchmark.ts";
import { tailBenchmark } from "./logs/tailBenchmark.ts";
import { publishBridgeBenchmark } from "./publish/publishBridge.ts";
import { publishStoreBenchmark } from "./publish/publishStore.ts";
import { millionBenchmark, tenMillionBenchmark } from "./scale/scaleBenchmark.ts";

export const BENCHMARKS: readonly Benchmark[] = [
  publishStoreBenchmark,
  publishBridgeBenchmark,
  tailBenchmark,
  hookBenchmark,
  millionBenchmark,
  tenMillionBenchmark,
  ...durabilityBenchmarks,
];
