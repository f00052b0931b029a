/** A bridge on a store of a million events, and of ten: its start, its queries, its memory and its event loop under load. */
import { join } from "node:path";
import type { Benchmark, Figure } from "../benchmark.ts";
import { measureScale, type ScaleFigures } from "./scale.ts";

const MB = 1_000_000;
const QUICK_EVENTS = 25_000;
const SECONDS = 60;
const QUICK_SECONDS = 5;

export const millionBenchmark = scaleBenchmark("scale-1m", 1 * MB, 1);
/** Ten times the history may cost half as much again. */
export const tenMillionBenchmark = scaleBenchmark("scale-10m", 10 * MB, 1.5);

function scaleBenchmark(name: string, events: number, allowance: number): Benchmark {
  return {
    name,
    about: `A bridge on a store of ${events / MB} million events, with 1,000 more a second and queries all the while`,
    run: async ({ root, isQuick, repeats, report }) => {
      report("making the history, unless the cache has it");
      const figures = await measureScale({
        events: isQuick ? QUICK_EVENTS : events,
        cache: join(root, ".cache/bench"),
        dist: join(root, "dist"),
        probe: join(root, "test/bench/scale/eventLoopProbe.cjs"),
        starts: repeats,
        seconds: isQuick ? QUICK_SECONDS : SECONDS,
      });
      return describe(figures, allowance);
    },
  };
}

function describe(figures: ScaleFigures, allowance: number): readonly Figure[] {
  const { recent_query_ms: recent, anywhere_query_ms: anywhere, event_loop_delay_ms: delay } = figures;
  const atMost = (bar: number) => ({ bar: { atMost: bar * allowance } });
  return [
    { what: "start until ready, after a clean stop", unit: "ms", value: figures.start_ms, ...atMost(1000) },
    { what: "start until ready, after kill -9 under load", unit: "ms", value: figures.start_after_kill_ms },
    { what: "query of 100, the newest, median", unit: "ms", value: recent.p50, ...atMost(5) },
    { what: "query of 100, the newest, p99", unit: "ms", value: recent.p99 },
    { what: "query of 100, anywhere, median", unit: "ms", value: anywhere.p50, ...atMost(50) },
    { what: "query of 100, anywhere, p99", unit: "ms", value: anywhere.p99 },
    { what: "resident memory at rest", unit: "MB", value: figures.resident_at_rest_bytes / MB },
    {
      what: "resident memory under load, most",
      unit: "MB",
      value: figures.resident_under_load_bytes / MB,
      ...atMost(200),
    },
    { what: "delay of the event loop, p99.9", unit: "ms", value: delay.p999, ...atMost(20) },
    { what: "delay of the event loop, most", unit: "ms", value: delay.max },
    { what: "events acknowledged under load", unit: "events", value: figures.acknowledged_events },
    {
      what: "partitions that sqlite3 finds whole while the bridge runs",
      unit: "of all",
      value: figures.partitions_whole / figures.partitions,
      bar: { atLeast: 1 },
      note: `PRAGMA integrity_check of ${figures.partitions} files`,
    },
  ];
}
