/**
 * The last 50 lines of a 4 GB log, beside `tail -n 50`. What is compared is what remains of `televibe tail`, a process as
 * `tail` is one, when Node's own start is taken away; and what the bridge takes to answer whoever asks it.
 */
import { spawnSync } from "node:child_process";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import { startBridgeProcess, TELEVIBE, testEnvironment } from "../../support/bridgeProcess.ts";
import type { Benchmark } from "../benchmark.ts";
import { median, spread } from "../statistics.ts";

const GIGABYTE = 1024 ** 3;
const LOG_BYTES = 4 * GIGABYTE;
const QUICK_BYTES = 64 * 1024 ** 2;
const LINES = 50;
const JOB = "large-log";
/** Each repeat measures so many times and takes the median: one takes a millisecond or two. */
const ROUNDS = 15;
const BLOCK_BYTES = 64 * 1024 ** 2;

export const tailBenchmark: Benchmark = {
  name: "log-tail",
  about: "The last 50 lines of a 4 GB log, beside tail -n 50",
  run: async ({ directory, isQuick, repeats, report }) => {
    const dataDir = join(directory, "d");
    const file = join(dataDir, "logs", `${JOB}.log`);
    report("writing the log");
    await writeLog(file, isQuick ? QUICK_BYTES : LOG_BYTES);
    await using bridge = await startBridgeProcess({ dataDir });
    const at = { project_id: "bench", session_id: "bench", job_id: JOB };
    const client = new BridgeClient(bridge.entry);
    await client.publish([{ ...at, event_type: "job.started", data: { instruction: "print" } }]);

    const tail: number[] = [];
    const node: number[] = [];
    const televibe: number[] = [];
    const answer: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const each = { tail: [] as number[], node: [] as number[], televibe: [] as number[], answer: [] as number[] };
      for (let round = 0; round < ROUNDS; round++) {
        each.tail.push(wallMs("tail", ["-n", String(LINES), file]));
        each.node.push(wallMs(process.execPath, ["-e", "0"]));
        each.televibe.push(
          wallMs(process.execPath, [TELEVIBE, "tail", JOB, "-n", String(LINES), "--data-dir", dataDir]),
        );
        const startMs = performance.now();
        const { lines } = await client.logPage(JOB, { lines: LINES });
        each.answer.push(performance.now() - startMs);
        if (lines.length !== LINES) throw new Error(`The bridge answered ${lines.length} lines`);
      }
      tail.push(median(each.tail));
      node.push(median(each.node));
      televibe.push(median(each.televibe));
      answer.push(median(each.answer));
    }
    const times = (values: readonly number[]) => values.map((value, index) => value / (tail[index] ?? Number.NaN));
    const ownMs = televibe.map((value, index) => value - (node[index] ?? Number.NaN));
    return [
      { what: "tail -n 50, a process", unit: "ms", ...spread(tail) },
      { what: "node -e 0, a process", unit: "ms", ...spread(node) },
      { what: "televibe tail -n 50, a process", unit: "ms", ...spread(televibe) },
      { what: "the bridge's answer, over its socket", unit: "ms", ...spread(answer) },
      { what: "the bridge's answer / tail", unit: "times", ...spread(times(answer)), bar: { atMost: 2 } },
      {
        what: "(televibe tail - node) / tail",
        unit: "times",
        ...spread(times(ownMs)),
        bar: { atMost: 2 },
        note: "both started as processes; Node's own start is that of node -e 0 in the same round",
      },
    ];
  },
};

async function writeLog(path: string, bytes: number): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  const line = Buffer.from(`${"a line of a build's output, as long as they are on average ".repeat(2)}\n`);
  const block = Buffer.alloc(BLOCK_BYTES);
  for (let at = 0; at < block.length; at += line.length) line.copy(block, at);
  const file = await open(path, "w");
  for (let written = 0; written < bytes; written += block.length) await file.write(block);
  await file.write("\n");
  await file.sync();
  await file.close();
}

function wallMs(command: string, args: readonly string[]): number {
  const startMs = performance.now();
  const { status, stdout, error } = spawnSync(command, args, { env: testEnvironment(), maxBuffer: 1e8 });
  const tookMs = performance.now() - startMs;
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${status}`);
  if (args.includes("-n") && stdout.toString().trimEnd().split("\n").length < LINES - 1)
    throw new Error("Too few lines");
  return tookMs;
}
