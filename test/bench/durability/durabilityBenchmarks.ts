/** The durability proofs as benchmarks: what was tried, and that nothing broke. */
import { join } from "node:path";
import type { Benchmark, Figure } from "../benchmark.ts";
import { durabilityProofs, type ProofResult } from "./durability.ts";
import { newSeed } from "./seededRandom.ts";

/** To try the same again: `TELEVIBE_BENCH_SEED=<seed>`. */
const SEED_VARIABLE = "TELEVIBE_BENCH_SEED";
const TELL_INTERVAL_MS = 10_000;
const MAX_TOLD = 10;

export const durabilityBenchmarks: readonly Benchmark[] = durabilityProofs("dist").map(({ id, name, minutes }) => ({
  name: `durability-${id}`,
  about: `${name} (about ${minutes} minutes)`,
  run: async ({ root, isQuick, report }) => {
    const seed = Number(process.env[SEED_VARIABLE] ?? newSeed());
    report(`${SEED_VARIABLE}=${seed}`);
    const proof = durabilityProofs(join(root, "dist")).find((each) => each.id === id);
    if (proof === undefined) throw new Error(`There is no proof ${id}`);
    let toldMs = 0;
    const tell = (progress: string) => {
      if (Date.now() - toldMs < TELL_INTERVAL_MS) return;
      toldMs = Date.now();
      report(progress);
    };
    const result = await proof.run(seed, tell, isQuick);
    for (const { rule, message } of result.violations.slice(0, MAX_TOLD)) report(`${rule}: ${message}`);
    return describe(result, seed);
  },
}));

function describe({ figures, violations }: ProofResult, seed: number): readonly Figure[] {
  const note = `${SEED_VARIABLE}=${seed}`;
  const broken = { what: "violations", unit: "", value: violations.length, bar: { atMost: 0 }, note };
  return [broken, ...numbers(figures, "")];
}

/** Every number in the figures, by its path. */
function numbers(value: object, path: string): readonly Figure[] {
  return Object.entries(value).flatMap(([key, each]): readonly Figure[] => {
    const what = `${path}${key}`;
    if (key === "seed") return [];
    if (typeof each === "number") return [{ what, unit: "", value: each }];
    return typeof each === "object" && each !== null ? numbers(each, `${what}: `) : [];
  });
}
