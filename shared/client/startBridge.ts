/**
 * Owns having a bridge: finds the one that runs, or starts one in the background. However many ask at once, one bridge
 * comes of it: they all may start a process, of which one gets the lock and the others end.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { DiscoveryEntry } from "../protocol/discovery.ts";
import { describeError } from "./bridgeUnreachableError.ts";
import { DATA_DIRECTORY_VARIABLE } from "./dataDirectory.ts";
import { paths } from "./dataPaths.ts";
import { findBridge } from "./findBridge.ts";

/** The exit code with which a bridge ends that found another one at work: no failure, there is one to be found. */
export const EXIT_ALREADY_RUNNING = 3;

const START_TIMEOUT_MS = 10_000;
const LOOK_INTERVAL_MS = 100;
const RELAUNCH_INTERVAL_MS = 500;
/** How much of the log an error quotes. */
const LOG_TAIL_LINES = 20;
/** A log that has grown beyond this when a bridge starts is set aside, and the one before it dropped. */
const MAX_LOG_BYTES = 5 * 1024 * 1024;

/**
 * What the runtime is told when it runs a bridge, before the script's name. A young generation of 4 MB instead of 16 (V8's
 * default) costs a bridge no speed that can be measured and spares 25 MB for as long as it lives.
 */
export const BRIDGE_RUNTIME_FLAGS = ["--max-semi-space-size=4"] as const;

export interface BridgeLaunch {
  /** The runtime itself, not a script that starts it: its process id tells which bridge is this one. */
  readonly command: string;
  /** All of them, such as `[".../televibe.js", "bridge", "--background"]`. */
  readonly args: readonly string[];
  /** On top of this process's own environment, such as `ELECTRON_RUN_AS_NODE` for VS Code's runtime. */
  readonly env?: Readonly<Record<string, string>>;
}

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

  const { bridgeLog } = paths(dataDir);
  const logStart = await prepareLog(dataDir);
  const fail = async (reason: string, cause?: unknown) =>
    new BridgeStartError(reason, bridgeLog, await logTail(bridgeLog, logStart), { cause });
  const start = () =>
    launchDetached(dataDir, launch).catch(async (error: unknown) => {
      throw await fail(`${launch.command} cannot be run (${describeError(error)})`, error);
    });

  let child = await start();
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
    child = await start();
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

/** Starts the process so that it outlives this one and holds no folder of a workspace. */
async function launchDetached(dataDir: string, { command, args, env }: BridgeLaunch): Promise<ChildProcess> {
  const { root, bridgeLog } = paths(dataDir);
  const log = await open(bridgeLog, "a", 0o600);
  try {
    const child = spawn(command, args, {
      cwd: root,
      detached: true,
      windowsHide: true,
      stdio: ["ignore", log.fd, log.fd],
      env: { ...process.env, ...env, [DATA_DIRECTORY_VARIABLE]: root },
    });
    await once(child, "spawn");
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

/** Its exit code, or the signal that ended it; undefined while it runs. */
function endOf({ exitCode, signalCode }: ChildProcess): number | string | undefined {
  return exitCode ?? signalCode ?? undefined;
}

/** Makes room for the log; answers its size, where this start's part begins. */
async function prepareLog(dataDir: string): Promise<number> {
  const { root, bridgeLog } = paths(dataDir);
  await mkdir(root, { recursive: true, mode: 0o700 });
  const size = await sizeOf(bridgeLog);
  if (size <= MAX_LOG_BYTES) return size;
  await rename(bridgeLog, `${bridgeLog}.1`);
  return 0;
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
