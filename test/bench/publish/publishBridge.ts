/**
 * Durable publishing through a real bridge, beside Redis: `XADD` with `appendfsync always` and Redis's own client. Both
 * acknowledge what is on disk; the bridge checks each event, orders it, makes it searchable and shows it to readers as well.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { startBridgeProcess } from "../../support/bridgeProcess.ts";
import type { Benchmark, BenchmarkContext, Figure } from "../benchmark.ts";
import { spread } from "../statistics.ts";
import type { BridgePublisherOptions, Server } from "./bridgePublisher.ts";
import { startDurableRedis } from "./durableRedis.ts";
import type { LoopFigures } from "./publishLoop.ts";
import { runProgram } from "./runProgram.ts";

const WAYS = ["websocket", "http", "redis", "bareWebsocket", "bareHttp"] as const;
const IN_FLIGHT = 64;
const WARM_UP_SHARE = 0.5;

/** How many times Redis's rate must be reached. */
const BARS = { websocket: 1, http: 0.5 } as const;

const NAMES = {
  websocket: "televibe over the WebSocket",
  http: "televibe over HTTP",
  redis: "Redis XADD, appendfsync always",
  bareWebsocket: "a server with ws that keeps nothing",
  bareHttp: "a node:http server that keeps nothing",
} as const;

/** What each client sends together is no choice of the benchmark: it is how each sends what was asked for in one turn. */
const NOTES = {
  websocket: "of each turn the ratio; all acknowledge after fsync; events of one turn travel in one frame",
  http: "of each turn the ratio; all acknowledge after fsync; events of one turn, or of one answer's wait, in one request",
} as const;

export const publishBridgeBenchmark: Benchmark = {
  name: "publish-bridge",
  about: `Durable publishing through a bridge, ${IN_FLIGHT} in flight, beside Redis XADD with appendfsync always`,
  run,
};

type Turn = Record<(typeof WAYS)[number], LoopFigures>;

async function run(context: BenchmarkContext): Promise<readonly Figure[]> {
  const program = context.bundle("test/bench/publish/bridgePublisher.ts");
  const turns: Turn[] = [];
  for (let repeat = 0; repeat < context.repeats; repeat++) {
    const turn = {
      websocket: await throughBridge(context, program, "websocket", repeat),
      redis: await throughRedis(context, program, repeat),
      http: await throughBridge(context, program, "http", repeat),
      bareWebsocket: await throughBareServer(context, program, "websocket"),
      bareHttp: await throughBareServer(context, program, "http"),
    };
    turns.push(turn);
    context.report(WAYS.map((way) => `${way} ${Math.round(turn[way].rate)}/s`).join(", "));
  }
  const measured = WAYS.flatMap((way) => {
    const figuresOf = (field: keyof LoopFigures) => spread(turns.map((turn) => turn[way][field]));
    return [
      { what: NAMES[way], unit: "events/s", ...figuresOf("rate") },
      { what: `${NAMES[way]}, p50`, unit: "ms", ...figuresOf("p50") },
      { what: `${NAMES[way]}, p99`, unit: "ms", ...figuresOf("p99") },
      { what: `${NAMES[way]}, the publisher's own load`, unit: "cores", ...figuresOf("publisherCpu") },
    ];
  });
  const ratios = (["websocket", "http"] as const).map((way) => ({
    what: `${NAMES[way]} / Redis`,
    unit: "times",
    ...spread(turns.map((turn) => turn[way].rate / turn.redis.rate)),
    bar: { atLeast: BARS[way] },
    note: NOTES[way],
  }));
  return [...measured, ...ratios];
}

async function throughBridge(
  context: BenchmarkContext,
  program: string,
  way: "websocket" | "http",
  repeat: number,
): Promise<LoopFigures> {
  await using bridge = await startBridgeProcess({ dataDir: join(context.directory, `${way}-${repeat}`) });
  return await publish(context, program, { way, entry: bridge.entry });
}

async function throughRedis(context: BenchmarkContext, program: string, repeat: number): Promise<LoopFigures> {
  await using redis = await startDurableRedis(join(context.directory, `redis-${repeat}`));
  return await publish(context, program, { way: "redis", url: redis.url });
}

/** How far one gets without a bridge at all. */
async function throughBareServer(
  context: BenchmarkContext,
  program: string,
  way: "websocket" | "http",
): Promise<LoopFigures> {
  const server = spawn(process.execPath, [context.bundle("test/bench/publish/bareServer.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line]: Buffer[] = await once(server.stdout, "data");
    const entry = {
      ...({ schema: 1, instance_id: "none", version: "0.0.0", protocol: 1, socket: null } as const),
      ...{ pid: server.pid ?? 0, url: String(line).trim(), token: "none", started_at: "", data_dir: "" },
    };
    return await publish(context, program, { way, entry });
  } finally {
    server.kill("SIGKILL");
  }
}

function publish({ durationMs }: BenchmarkContext, program: string, server: Server): Promise<LoopFigures> {
  const options: BridgePublisherOptions = {
    server,
    inFlight: IN_FLIGHT,
    warmUpMs: durationMs * WARM_UP_SHARE,
    durationMs,
  };
  return runProgram<LoopFigures>(program, options);
}
