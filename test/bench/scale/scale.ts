/** Measures a bridge that stands on a large store: its start, its queries, its memory, and how late its event loop is. */
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import { BridgeSocket } from "../../../shared/client/bridgeSocket.ts";
import { BRIDGE_RUNTIME_FLAGS } from "../../../shared/client/launchBridge.ts";
import { type BridgeProcess, startBridgeProcess } from "../../support/bridgeProcess.ts";
import { copyOf, largeStore } from "./largeStore.ts";
import { publishSteadily, queryAllTheWhile } from "./workload.ts";

const MEMORY_INTERVAL_MS = 250;

export interface ScaleOptions {
  readonly events: number;
  /** Where large stores are kept from one run to the next. */
  readonly cache: string;
  /** The bundles. */
  readonly dist: string;
  /** `eventLoopProbe.cjs`. */
  readonly probe: string;
  readonly starts: number;
  readonly seconds: number;
}

export interface ScaleFigures {
  /** From the start of the process until it says that it serves, median; after a clean stop, and after `kill -9` under load. */
  readonly start_ms: number;
  readonly start_after_kill_ms: number;
  readonly recent_query_ms: Quantiles;
  readonly anywhere_query_ms: Quantiles;
  /** The most that was seen, in bytes: at rest after the start, and under load. */
  readonly resident_at_rest_bytes: number;
  readonly resident_under_load_bytes: number;
  readonly event_loop_delay_ms: {
    readonly p50: number;
    readonly p99: number;
    readonly p999: number;
    readonly max: number;
  };
  readonly acknowledged_events: number;
  readonly partitions: number;
  /** Of them, those that Debian's sqlite3 opens and finds whole while the bridge runs. */
  readonly partitions_whole: number;
}

export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export async function measureScale(options: ScaleOptions): Promise<ScaleFigures> {
  const { cache, dist, events, seconds, starts } = options;
  const original = await largeStore(events, cache, dist);
  const dataDir = join(cache, `scale-${events}`);
  await copyOf(original, dataDir);
  try {
    const startMs = await medianStartMs(dataDir, starts);
    const underLoad = await measureUnderLoad(dataDir, options, seconds);
    const startAfterKillMs = await medianStartMs(dataDir, 1);
    return { start_ms: startMs, start_after_kill_ms: startAfterKillMs, ...underLoad };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function medianStartMs(dataDir: string, starts: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < starts; round++) {
    const startMs = performance.now();
    const bridge = await startBridgeProcess({ dataDir, runtimeArgs: BRIDGE_RUNTIME_FLAGS });
    times.push(performance.now() - startMs);
    await bridge.stop();
  }
  return quantiles(times).p50;
}

async function measureUnderLoad(dataDir: string, { events, probe }: ScaleOptions, seconds: number) {
  const probeFile = join(dataDir, "probe.json");
  await using bridge = await startBridgeProcess({
    dataDir,
    runtimeArgs: [...BRIDGE_RUNTIME_FLAGS, "--require", resolve(probe)],
    env: { TELEVIBE_BENCH_PROBE: probeFile },
  });
  await delay(1000);
  const atRest = await residentBytes(bridge);
  const socket = new BridgeSocket({ connect: () => Promise.resolve(bridge.entry) });
  socket.start();
  await socket.attach("benchmark");
  const ended = AbortSignal.timeout(seconds * 1000);
  const client = new BridgeClient(bridge.entry);
  const [acknowledged, times, memory] = await Promise.all([
    publishSteadily(socket, ended),
    queryAllTheWhile(client, events, ended),
    watchMemory(bridge, ended),
  ]);
  bridge.process.kill("SIGUSR2");
  const delays = await readWhenThere(probeFile);
  const partitions = await checkPartitions(join(dataDir, "store/partitions"));
  await socket.stop();
  // Without a goodbye: what it had not saved is what the next start has to make up for.
  await bridge.kill();
  return {
    recent_query_ms: quantiles(times.recentMs),
    anywhere_query_ms: quantiles(times.anywhereMs),
    resident_at_rest_bytes: atRest,
    resident_under_load_bytes: Math.max(...memory),
    event_loop_delay_ms: delays,
    acknowledged_events: acknowledged,
    ...partitions,
  };
}

async function watchMemory(bridge: BridgeProcess, signal: AbortSignal): Promise<readonly number[]> {
  const seen: number[] = [];
  while (!signal.aborted) {
    seen.push(await residentBytes(bridge));
    await delay(MEMORY_INTERVAL_MS);
  }
  return seen;
}

/** Linux's own figure of the process; of its threads too. */
async function residentBytes({ process: { pid } }: BridgeProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

async function readWhenThere(path: string): Promise<ScaleFigures["event_loop_delay_ms"]> {
  for (let tries = 0; ; tries++) {
    try {
      return JSON.parse(await readFile(path, "utf8"));
    } catch (error) {
      if (tries === 100) throw error;
      await delay(50);
    }
  }
}

/** Debian's sqlite3 opens them while the bridge writes and reads them. */
async function checkPartitions(directory: string): Promise<{ partitions: number; partitions_whole: number }> {
  const { stdout } = await promisify(execFile)("sh", [
    "-c",
    'for file in "$1"/*.sqlite; do sqlite3 -readonly "$file" "PRAGMA integrity_check"; done',
    "sh",
    directory,
  ]);
  const answers = stdout.trim().split("\n");
  return { partitions: answers.length, partitions_whole: answers.filter((answer) => answer === "ok").length };
}

function quantiles(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
