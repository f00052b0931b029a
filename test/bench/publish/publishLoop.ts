/** Owns publishing for a while with so many in flight: each publisher sends its next event when its last one is acknowledged. */
import { randomBytes } from "node:crypto";
import { percentile } from "../statistics.ts";
import { type SampleEvent, sampleEvent } from "./sampleEvent.ts";

export interface LoopOptions {
  /** Resolves when the event is acknowledged. */
  readonly publish: (event: SampleEvent) => Promise<unknown>;
  readonly inFlight: number;
  /** Not counted: what is compiled and opened at first. */
  readonly warmUpMs: number;
  readonly durationMs: number;
}

export interface LoopFigures {
  /** Acknowledged events a second. */
  readonly rate: number;
  /** From the call to the acknowledgement, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Of one processor, 0 to 1: above 0.9 it is the publisher that was measured. */
  readonly publisherCpu: number;
}

export async function publishLoop({ publish, inFlight, warmUpMs, durationMs }: LoopOptions): Promise<LoopFigures> {
  const run = randomBytes(4).toString("hex");
  const beginMs = performance.now() + warmUpMs;
  const endMs = beginMs + durationMs;
  const latencies: number[] = [];
  let number = 0;
  let cpuAtBegin: NodeJS.CpuUsage | undefined;
  const publisher = async () => {
    for (let startMs = performance.now(); startMs < endMs; ) {
      await publish(sampleEvent(run, number++));
      const nowMs = performance.now();
      if (nowMs >= beginMs && nowMs < endMs) {
        cpuAtBegin ??= process.cpuUsage();
        latencies.push(nowMs - startMs);
      }
      startMs = nowMs;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, publisher));
  const { user, system } = process.cpuUsage(cpuAtBegin);
  return {
    rate: (latencies.length / durationMs) * 1000,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    publisherCpu: (user + system) / 1000 / durationMs,
  };
}
