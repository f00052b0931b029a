/**
 * Durable publishing in the store's own interface, beside better-sqlite3 on the same disk with the same tables: both
 * acknowledge after the disk has confirmed. They take turns, and each turn is a process and a file of its own.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Benchmark, BenchmarkContext, Figure } from "../benchmark.ts";
import { spread } from "../statistics.ts";
import type { LoopFigures } from "./publishLoop.ts";
import { runProgram } from "./runProgram.ts";
import type { StorePublisherOptions } from "./storePublisher.ts";

const STORES = ["televibe", "better-sqlite3", "better-sqlite3 with full text"] as const;

/** In flight, and how many times better-sqlite3's rate must be reached. */
const BARS = [
  { inFlight: 1, atLeast: 1 },
  { inFlight: 64, atLeast: 5 },
] as const;

const WARM_UP_SHARE = 0.25;

export const publishStoreBenchmark: Benchmark = {
  name: "publish-store",
  about: "Durable publishing into the store, beside better-sqlite3 (WAL, synchronous=FULL, one transaction an event)",
  run,
};

async function run(context: BenchmarkContext): Promise<readonly Figure[]> {
  await context.peers();
  const program = context.bundle("test/bench/publish/storePublisher.ts");
  const figures: Figure[] = [];
  for (const { inFlight, atLeast } of BARS) {
    const runs = await measure(context, program, inFlight);
    const who = inFlight === 1 ? "1 publisher" : `${inFlight} in flight`;
    for (const store of STORES) {
      const name = store === "better-sqlite3" ? `${store} without full text` : store;
      figures.push(
        { what: `${who}, ${name}`, unit: "events/s", ...spread(runs.map((each) => each[store].rate)) },
        { what: `${who}, ${name}, p99`, unit: "ms", ...spread(runs.map((each) => each[store].p99)) },
      );
    }
    figures.push({
      what: `${who}, televibe / better-sqlite3 without full text`,
      unit: "times",
      ...spread(runs.map((each) => each.televibe.rate / each["better-sqlite3"].rate)),
      bar: { atLeast },
      note: "both acknowledge after fsync; of each turn the ratio. Ours makes events searchable by their words as well",
    });
  }
  return figures;
}

type Turn = Record<(typeof STORES)[number], LoopFigures>;

async function measure(context: BenchmarkContext, program: string, inFlight: number): Promise<Turn[]> {
  const { root, directory, durationMs, repeats, report } = context;
  const turns: Turn[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const one = (store: StorePublisherOptions["store"]) => {
      const folder = join(directory, `${store}-${inFlight}-${repeat}`);
      mkdirSync(folder);
      const options: StorePublisherOptions = {
        store,
        directory: folder,
        assets: join(root, "dist"),
        peersFrom: join(root, "test/bench/package.json"),
        inFlight,
        warmUpMs: durationMs * WARM_UP_SHARE,
        durationMs,
      };
      return runProgram<LoopFigures>(program, options);
    };
    const turn = {
      televibe: await one("televibe"),
      "better-sqlite3": await one("better-sqlite3"),
      "better-sqlite3 with full text": await one("better-sqlite3 with full text"),
    };
    turns.push(turn);
    report(`${inFlight} in flight: ${STORES.map((store) => `${store} ${Math.round(turn[store].rate)}/s`).join(", ")}`);
  }
  return turns;
}
