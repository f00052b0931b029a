/** Owns what `import { … } from "televibe"` gives: the connection of an agent or a script to Televibe. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BridgeStarter } from "../shared/client/bridgeStarter.ts";
import { dataDirectory } from "../shared/client/dataDirectory.ts";
import { warnOfError } from "../shared/client/emitter.ts";
import { Connection } from "./connection.ts";
import type { ConnectOptions, Televibe } from "./televibe.ts";

export type { EventType, Payload } from "../shared/events/taxonomy.ts";
export type { BufferFullError, EndedError, UndeliveredError } from "./errors.ts";
export type { ProducerEvent, ProducerEventOf } from "./events.ts";
export type { Answer, CancelRequest, Job, Question, ToolCall, ToolInput, ToolResult } from "./job.ts";
export type { ConnectOptions, JobStart, Televibe } from "./televibe.ts";

/** Put in by the build, from package.json. */
declare const __TELEVIBE_VERSION__: string;

const MAX_WAITING_BYTES = 16 * 1024 * 1024;
const CLOSE_TIMEOUT_MS = 5000;

/**
 * Connects to the bridge of this machine; where none runs, one is started in the background.
 *
 * @example
 * await using televibe = await connect({ component: "release-agent" });
 * const job = televibe.startJob({ project: "shop", session: "main", instruction: "Release 1.4" });
 * const answer = await job.ask({ scope: "deploy", action: "npm publish" });
 * if (answer.approved) await job.complete({ summary: "Released" });
 * else await job.fail(`Not approved: ${answer.state}`);
 *
 * @throws BridgeUnreachableError (`bridge_unreachable`) when no bridge runs and none is to be started, BridgeStartError
 * (`bridge_start_failed`) when it does not start.
 */
export async function connect(options: ConnectOptions): Promise<Televibe> {
  const { component, instanceId, dataDir, startBridge = true, maxWaitingBytes, closeTimeoutMs, onError } = options;
  const script = join(__dirname, "televibe.js");
  const starter = new BridgeStarter({
    dataDir: dataDirectory(process.env, dataDir),
    // Not beside us where our code was taken into another program's bundle.
    script: startBridge && existsSync(script) ? script : undefined,
    version: __TELEVIBE_VERSION__,
  });
  await starter.open();
  return new Connection({
    connect: (signal) => starter.open(signal),
    source: { component, instance_id: instanceId ?? `${process.pid}-${randomUUID().slice(0, 8)}` },
    maxWaitingBytes: maxWaitingBytes ?? MAX_WAITING_BYTES,
    closeTimeoutMs: closeTimeoutMs ?? CLOSE_TIMEOUT_MS,
    onError: onError ?? warnOncePerMessage(),
  });
}

/** A bridge that is away, or a wrong project id, says the same of each event: once is enough. */
function warnOncePerMessage(): (error: unknown) => void {
  const told = new Set<string>();
  return (error) => {
    const message = error instanceof Error ? error.message : String(error);
    if (!told.has(message)) warnOfError(error);
    told.add(message);
  };
}
