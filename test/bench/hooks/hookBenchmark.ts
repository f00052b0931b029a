/**
 * What a hook costs an agent: the wall time of `televibe hook` as a process, beside that of a Node that does nothing, each call
 * paired with one, in turns. With a bridge that takes what is left, and without any; and whether a session's thousand calls
 * leave anything behind.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import { startBridgeProcess, TELEVIBE, testEnvironment } from "../../support/bridgeProcess.ts";
import { eventually } from "../../support/eventually.ts";
import type { Benchmark, BenchmarkContext, Figure } from "../benchmark.ts";
import { median, spread } from "../statistics.ts";
import { televibeProcesses } from "./televibeProcesses.ts";

/** Each repeat measures so many pairs and takes the median: a process's start varies by a half from one to the next. */
const PAIRS = 40;
const QUICK_PAIRS = 5;
const SESSION_CALLS = 1000;
const QUICK_SESSION_CALLS = 50;
/** As many as an agent runs tools beside each other. */
const PARALLEL = 4;

export const hookBenchmark: Benchmark = {
  name: "hook-overhead",
  about: "What `televibe hook` costs an agent at each of its steps, beside a Node that does nothing",
  run,
};

async function run(context: BenchmarkContext): Promise<readonly Figure[]> {
  const { directory, isQuick, repeats, report } = context;
  const pairs = isQuick ? QUICK_PAIRS : PAIRS;
  const dataDir = join(directory, "d");
  const away = join(directory, "away");
  await mkdir(away);
  await using bridge = await startBridgeProcess({ dataDir });
  const turns = { with: [] as Pairs[], question: [] as Pairs[], without: [] as Pairs[] };
  for (let repeat = 0; repeat < repeats; repeat++) {
    turns.with.push(measurePairs(pairs, dataDir, "PreToolUse"));
    turns.without.push(measurePairs(pairs, away, "PreToolUse"));
    turns.question.push(measurePairs(pairs, away, "PermissionRequest"));
  }
  const calls = isQuick ? QUICK_SESSION_CALLS : SESSION_CALLS;
  report(`${calls} calls of a session, ${PARALLEL} at a time`);
  const before = await televibeProcesses();
  const events = await runSession(new BridgeClient(bridge.entry), dataDir, calls);
  const left = (await televibeProcesses()).filter((pid) => !before.includes(pid));

  return [
    { what: "node -e 0, a process", unit: "ms", ...spread(turns.with.map(({ nodeMs }) => nodeMs)) },
    { what: "televibe hook, a process", unit: "ms", ...spread(turns.with.map(({ hookMs }) => hookMs)) },
    {
      what: "televibe hook / node -e 0",
      unit: "times",
      ...spread(turns.with.map(({ ratio }) => ratio)),
      bar: { atMost: 1.5 },
      note: "the median of the pairs of a turn; a real bridge takes the calls meanwhile",
    },
    {
      what: "televibe hook - node -e 0, no bridge",
      unit: "ms",
      ...spread(turns.without.map(({ moreMs }) => moreMs)),
      bar: { atMost: 150 },
      note: "what is left for the bridge that comes",
    },
    {
      what: "televibe hook - node -e 0, a question and no bridge",
      unit: "ms",
      ...spread(turns.question.map(({ moreMs }) => moreMs)),
      bar: { atMost: 150 },
      note: "until the agent asks by itself",
    },
    {
      what: `calls of ${calls} that the bridge has not taken`,
      unit: "calls",
      value: Math.max(0, calls - events),
      bar: { atMost: 0 },
    },
    { what: `processes that ${calls} calls left behind`, unit: "processes", value: left.length, bar: { atMost: 0 } },
  ];
}

interface Pairs {
  readonly nodeMs: number;
  readonly hookMs: number;
  readonly ratio: number;
  readonly moreMs: number;
}

function measurePairs(count: number, dataDir: string, event: string): Pairs {
  const each = Array.from({ length: count }, (_, index) => {
    const node = () => wallMs(["-e", "0"], "", dataDir);
    const hook = () => wallMs([TELEVIBE, "hook", "claude"], inputOf(event, index), dataDir);
    // Taking turns at being first, so that neither finds the machine warmer than the other.
    const [first, second] = index % 2 === 0 ? [node(), hook()] : [hook(), node()];
    const [nodeMs, hookMs] = index % 2 === 0 ? [first, second] : [second, first];
    return { nodeMs, hookMs };
  });
  return {
    nodeMs: median(each.map(({ nodeMs }) => nodeMs)),
    hookMs: median(each.map(({ hookMs }) => hookMs)),
    ratio: median(each.map(({ nodeMs, hookMs }) => hookMs / nodeMs)),
    moreMs: median(each.map(({ nodeMs, hookMs }) => hookMs - nodeMs)),
  };
}

function wallMs(args: readonly string[], input: string, dataDir: string): number {
  const env = testEnvironment({ TELEVIBE_DATA_DIR: dataDir });
  const startMs = performance.now();
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, { env, input });
  const tookMs = performance.now() - startMs;
  if (error !== undefined) throw error;
  if (status !== 0 || stdout.length + stderr.length > 0)
    throw new Error(`The process ended with ${status}: ${stdout}${stderr}`);
  return tookMs;
}

function inputOf(event: string, index: number): string {
  return JSON.stringify({
    session_id: "bench",
    transcript_path: "/nowhere/bench.jsonl",
    cwd: "/nowhere",
    prompt_id: "bench",
    permission_mode: "default",
    hook_event_name: event,
    tool_name: "Bash",
    tool_input: { command: "npm test", description: "Run the tests" },
    tool_use_id: `${event}-${index}`,
  });
}

/** Calls the hook from several sides at once; answers how many events the bridge made of it, at least one a call. */
async function runSession(client: BridgeClient, dataDir: string, calls: number): Promise<number> {
  const env = testEnvironment({ TELEVIBE_DATA_DIR: dataDir });
  let next = 0;
  const work = async () => {
    while (next < calls) {
      const hook = spawn(process.execPath, [TELEVIBE, "hook", "claude"], { env, stdio: ["pipe", "ignore", "inherit"] });
      hook.stdin.end(inputOf("PreToolUse", PAIRS + next++));
      const [code] = await once(hook, "exit");
      if (code !== 0) throw new Error(`A hook ended with ${code}`);
    }
  };
  const start = (await client.state()).seq;
  await Promise.all(Array.from({ length: PARALLEL }, work));
  await eventually("an empty folder", async () => (await readdir(join(dataDir, "spool", "hooks"))).length === 0);
  return (await client.state()).seq - start;
}
