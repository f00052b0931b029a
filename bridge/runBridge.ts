/** Owns the life of a bridge's process: the lock before it, the discovery file while it serves, and its end. */
import { mkdir } from "node:fs/promises";
import { v7 as newEventId } from "uuid";
import { paths } from "../shared/client/dataPaths.ts";
import { EXIT_ALREADY_RUNNING } from "../shared/client/startBridge.ts";
import { parseEvent } from "../shared/events/parse.ts";
import { type Bridge, startBridge } from "./bridge.ts";
import { deliverSpools } from "./cli/spool/deliverSpools.ts";
import { createLogger, type Logger } from "./diagnostics/logger.ts";
import { BridgeAlreadyRunningError } from "./lifecycle/bridgeAlreadyRunningError.ts";
import { acquireBridgeLock } from "./lifecycle/bridgeLock.ts";
import { removeDiscoveryFile, writeDiscoveryFile } from "./lifecycle/discoveryFile.ts";
import { boundHeapGrowth } from "./lifecycle/heapGrowth.ts";
import { untilHomeIsGone } from "./lifecycle/homeWatch.ts";
import { DEFAULT_IDLE_LIMIT_MS, IdleWatch } from "./lifecycle/idle.ts";
import { bridgeToken } from "./lifecycle/token.ts";

export interface RunBridgeOptions {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly redisUrl?: string;
  readonly retentionDays: number;
  /** Events a partition holds before it is sealed; the store's own default when absent. */
  readonly partitionEvents?: number;
  /** Started by a client: stops itself when nobody has had a use for it for a while. */
  readonly isBackground: boolean;
  readonly telegram?: { readonly token: string; readonly apiRoot?: string };
  /** Instead of the data directory's own. */
  readonly token?: string;
  /** The folder of the bundles. */
  readonly assets: string;
  readonly version: string;
  readonly print: (line: string) => void;
  /** Ends the bridge. */
  readonly signal: AbortSignal;
}

/** What jobs left behind while no bridge ran is looked for this often. */
const SPOOL_INTERVAL_MS = 5000;

/** Runs a bridge until the signal, or until it has been idle for long; answers the process's exit code. */
export async function runBridge(options: RunBridgeOptions): Promise<number> {
  boundHeapGrowth();
  const dataPaths = paths(options.dataDir);
  await mkdir(dataPaths.root, { recursive: true, mode: 0o700 });
  try {
    await using _lock = await acquireBridgeLock(dataPaths);
    const token = await bridgeToken(dataPaths.token, options.token);
    const log = createLogger({
      write: (line) => process.stderr.write(line),
      nowMs: Date.now,
      secrets: [token, options.telegram?.token ?? ""],
    });
    await serve(options, token, log);
    return 0;
  } catch (error) {
    if (!(error instanceof BridgeAlreadyRunningError)) throw error;
    options.print(error.message);
    return EXIT_ALREADY_RUNNING;
  }
}

async function serve(options: RunBridgeOptions, token: string, log: Logger): Promise<void> {
  const { discoveryFile, store } = paths(options.dataDir);
  const bridge = await startBridge({ ...options, token, log });
  await writeDiscoveryFile(discoveryFile, bridge.entry);
  const { url, socket, instance_id } = bridge.entry;
  options.print(`Televibe bridge ${options.version} is ready: ${url} (socket ${socket}, data in ${options.dataDir})`);
  for (const warning of bridge.warnings) options.print(`Warning: ${warning}`);

  const ending = new AbortController();
  const ended = AbortSignal.any([options.signal, ending.signal]);
  const idle = watchIdleness(bridge, options, () => {
    log.info("Nobody has used this bridge for a while: it stops");
    ending.abort();
  });
  void untilHomeIsGone({ discoveryFile, store }, bridge.entry, ended).then(() => {
    if (!ended.aborted) options.print(`The data directory ${options.dataDir} is gone: the bridge stops`);
    ending.abort();
  });
  const delivering = deliverSpooled(bridge, options.dataDir, ended, log);
  await aborted(ended);

  idle.stop();
  await removeDiscoveryFile(discoveryFile, instance_id);
  await delivering;
  await bridge.stop();
  options.print("Televibe bridge stopped");
}

function watchIdleness(bridge: Bridge, { isBackground }: RunBridgeOptions, onIdle: () => void): IdleWatch {
  let lastActivityMs = Date.now();
  bridge.bus.subscribe("*", () => {
    lastActivityMs = Date.now();
  });
  const idle = new IdleWatch({
    limitMs: isBackground ? DEFAULT_IDLE_LIMIT_MS : undefined,
    onIdle,
    usage: () => {
      const { streams, running_jobs, pending_approvals, telegram } = bridge.health();
      return {
        streams,
        runningJobs: running_jobs,
        pendingApprovals: pending_approvals,
        pairedChats: telegram.paired_chats,
        lastActivityMs,
      };
    },
  });
  idle.start();
  return idle;
}

/** Takes in what `televibe run` could not deliver while there was no bridge, now and from time to time. */
async function deliverSpooled(bridge: Bridge, dataDir: string, signal: AbortSignal, log: Logger): Promise<void> {
  const source = { component: "run", instance_id: "spool" };
  while (!signal.aborted) {
    try {
      const delivered = await deliverSpools({
        directory: paths(dataDir).spool,
        publish: async (inputs) => {
          const parsed = inputs.map((input) => parseEvent(input, { newEventId, nowMs: Date.now, source }));
          for (const each of parsed)
            if (!each.ok) log.warn("A job left an event that is none", { issues: each.issues });
          const results = await bridge.bus.publish(parsed.flatMap((each) => (each.ok ? [each.value] : [])));
          for (const { problem } of results) {
            if (problem !== undefined) log.warn("An event that a job left was refused", { why: problem.detail });
          }
        },
        appendLog: (jobId, bytes, offset) => bridge.logs.append(jobId, bytes, offset),
        onRefused: (refusal) => log.warn("Something that a job left behind was refused", { why: refusal.message }),
        signal,
      });
      if (delivered > 0) log.info("Took in what jobs left while no bridge ran", { jobs: delivered });
    } catch (error) {
      log.warn("What jobs left behind could not be taken in; it is tried again", { error });
    }
    await pause(SPOOL_INTERVAL_MS, signal);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, delayMs);
    signal.addEventListener("abort", end, { once: true });
    function end() {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    }
  });
}
