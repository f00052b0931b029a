/**
 * Owns having a bridge: finds the one that runs, or starts one in the background. However many ask at once, one bridge
 * comes of it: they all may start a process, of which one gets the lock and the others end.
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { DiscoveryEntry } from "../protocol/discovery.ts";
import { describeError } from "./bridgeUnreachableError.ts";
import { type DataPaths, paths } from "./dataPaths.ts";
import { findBridge } from "./findBridge.ts";
import { type BridgeLaunch, launchDetached, prepareLog } from "./launchBridge.ts";

/** The exit code with which a bridge ends that found another one at work: no failure, there is one to be found. */
export const EXIT_ALREADY_RUNNING = 3;

const START_TIMEOUT_MS = 10_000;
const LOOK_INTERVAL_MS = 100;
const RELAUNCH_INTERVAL_MS = 500;
/** How much of the log an error quotes. */
const LOG_TAIL_LINES = 20;

export interface EnsureBridgeOptions {
  readonly dataDir: string;
  readonly launch: BridgeLaunch;
  readonly signal?: AbortSignal;
  /** How long a bridge that is being started may say nothing; one that tells in its log how far it is may take longer. */
  readonly timeoutMs?: number;
}

/** The bridge did not come up. The message quotes what it said last. */
export class BridgeStartError extends Error {
  readonly code = "bridge_start_failed";
  readonly logFile: string;
  readonly logTail: string;

  constructor(reason: string, logFile: string, logTail: string, options?: ErrorOptions) {
    const said = logTail === "" ? "It said nothing" : `The end of its log`;
    super(`The bridge did not start: ${reason}. ${said} (${logFile})${logTail === "" ? "" : `:\n${logTail}`}`, options);
    this.name = "BridgeStartError";
    this.logFile = logFile;
    this.logTail = logTail;
  }
}

/**
 * Resolves with a bridge that answers; `started` says whether this call's process is the one.
 *
 * @throws BridgeStartError when it ends before it serves, or does not serve in time.
 */
export async function ensureBridge(options: EnsureBridgeOptions): Promise<{ entry: DiscoveryEntry; started: boolean }> {
  const { dataDir, launch, signal, timeoutMs = START_TIMEOUT_MS } = options;
  const running = await findBridge(dataDir, signal);
  if (running !== undefined) return { entry: running, started: false };

  const own = paths(dataDir);
  const { bridgeLog } = own;
  const logStart = prepareLog(own);
  const fail = async (reason: string, cause?: unknown) =>
    new BridgeStartError(reason, bridgeLog, await logTail(bridgeLog, logStart), { cause });
  const startOne = () =>
    start(own, launch).catch(async (error: unknown) => {
      throw await fail(`${launch.command} cannot be run (${describeError(error)})`, error);
    });

  let child = await startOne();
  let said = logStart;
  let deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const end = endOf(child);
    const saying = await sizeOf(bridgeLog);
    if (end === undefined && saying > said) deadlineMs = Date.now() + timeoutMs;
    said = saying;
    // Looked for once more after the end was seen: it may have lost a race that is won by now.
    const entry = await findBridge(dataDir, signal);
    if (entry !== undefined) {
      const started = entry.pid === child.pid;
      // One too many: were the other to stop just now, it would take its place, and nobody would know of it.
      if (!started && end === undefined) child.kill();
      return { entry, started };
    }
    if (end !== undefined && end !== EXIT_ALREADY_RUNNING) throw await fail(`it ended at once (${end})`);
    if (Date.now() >= deadlineMs) throw await fail(`it did not answer within ${timeoutMs / 1000} s`);
    await endOrDelay(child, end === undefined ? LOOK_INTERVAL_MS : RELAUNCH_INTERVAL_MS, signal);
    if (end === undefined || (await findBridge(dataDir, signal)) !== undefined) continue;
    // Another one has the lock and still serves nobody: it may be about to stop, and then somebody has to follow it.
    child = await startOne();
  }
}

/** Resolves at the end of the process, after a while, or when the signal is aborted, which the caller looks at next. */
async function endOrDelay(child: ChildProcess, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  const done = new AbortController();
  const stop = AbortSignal.any([done.signal, ...(signal === undefined ? [] : [signal])]);
  const quietly = (error: unknown) => {
    if (!stop.aborted) throw error;
  };
  const waits = [delay(delayMs, undefined, { signal: stop })];
  if (endOf(child) === undefined) waits.push(once(child, "exit", { signal: stop }).then(() => undefined));
  await Promise.race(waits.map((wait) => wait.catch(quietly)));
  done.abort();
}

async function start(own: DataPaths, launch: BridgeLaunch): Promise<ChildProcess> {
  const child = launchDetached(own, launch);
  await once(child, "spawn");
  return child;
}

/** Its exit code, or the signal that ended it; undefined while it runs. */
function endOf({ exitCode, signalCode }: ChildProcess): number | string | undefined {
  return exitCode ?? signalCode ?? undefined;
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
    throw error;
  }
}

/** The last lines that were written since the start. */
async function logTail(file: string, start: number): Promise<string> {
  const text = (await readFile(file)).subarray(start).toString();
  return text.trimEnd().split("\n").slice(-LOG_TAIL_LINES).join("\n");
}
