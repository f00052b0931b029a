// Loaded into a bridge by `--require`: measures how late its event loop is, and writes that to TELEVIBE_BENCH_PROBE at SIGUSR2.
const { isMainThread } = require("node:worker_threads");
const { monitorEventLoopDelay } = require("node:perf_hooks");
const { writeFileSync } = require("node:fs");

/** What a start does is measured as the time that it takes. */
const AFTER_START_MS = 3000;

if (isMainThread) {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  setTimeout(() => delays.enable(), AFTER_START_MS).unref();
  process.on("SIGUSR2", () => {
    const ms = (nanoseconds) => nanoseconds / 1e6;
    const figures = {
      p50: ms(delays.percentile(50)),
      p99: ms(delays.percentile(99)),
      p999: ms(delays.percentile(99.9)),
      max: ms(delays.max),
    };
    writeFileSync(process.env.TELEVIBE_BENCH_PROBE, JSON.stringify(figures));
  });
}
