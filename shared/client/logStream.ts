/** Owns following a job's log: what is there, then what comes, over as many connections as it takes, each line once. */
import type { LogFrame } from "../protocol/log.ts";
import type { Backoff } from "./backoff.ts";
import type { ConnectionStatus } from "./connectionStatus.ts";
import { type Connect, ConnectionSupervisor, type Session, type SessionEnd } from "./connectionSupervisor.ts";
import { FrameQueue } from "./frameQueue.ts";
import { isLasting, readServerSentEvents, type ServerSentEvent } from "./serverSentEvents.ts";

export interface LogStreamOptions {
  readonly connect: Connect;
  readonly jobId: string;
  /** Where to begin: with the last lines, or at a byte offset. The whole log, when absent. */
  readonly from?: { readonly lines: number } | { readonly offset: number };
  readonly signal?: AbortSignal;
  readonly backoff?: Backoff;
  readonly onStatus?: (status: ConnectionStatus) => void;
}

/** Most frames held for a consumer that takes its time; past them the bridge is read from no further. */
const MAX_QUEUED_FRAMES = 256;

/** The bridge's answer to whoever comes back to the log of a job that has ended: there is nothing more. */
const NO_CONTENT = 204;

/**
 * A job's log as an async iterable, which ends after `log.end`, or when the signal is aborted. A consumer that is slow
 * holds the bridge back, not the memory. `log.reset` says that what was given so far is of another file.
 *
 * @throws ProblemError when the bridge refuses, such as `unknown_job`.
 */
export async function* followLog(options: LogStreamOptions): AsyncGenerator<LogFrame, void, undefined> {
  const queue = new FrameQueue<LogFrame>(MAX_QUEUED_FRAMES);
  const { signal } = options;
  const supervisor = new ConnectionSupervisor({ ...options, session: logSession(options, queue) });
  const onAbort = () => queue.close();
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) queue.close();
  try {
    supervisor.start();
    yield* queue.take();
  } finally {
    signal?.removeEventListener("abort", onAbort);
    queue.close();
    await supervisor.stop();
  }
}

function logSession({ jobId, from }: LogStreamOptions, queue: FrameQueue<LogFrame>) {
  let cursor: string | undefined;
  return async ({ entry, signal, opened }: Session): Promise<SessionEnd> => {
    const end = await readServerSentEvents({
      address: entry,
      path: logPath(jobId, from),
      ...(cursor === undefined ? {} : { lastEventId: cursor }),
      signal,
      beforeRead: () => queue.hasRoom(),
      onOpen: opened,
      onFrame: (frame) => {
        const log = parseLogFrame(frame);
        if (log === undefined) return;
        if (frame.id !== "") cursor = frame.id;
        queue.put(log);
        if (log.type === "log.end") queue.close();
      },
    });
    if (end.status === NO_CONTENT) queue.close();
    if (end.problem !== undefined && isLasting(end.problem)) queue.close(end.problem);
    return { reason: end.reason };
  };
}

function logPath(jobId: string, from: LogStreamOptions["from"]): string {
  const start = from ?? { offset: 0 };
  const place = "lines" in start ? `lines=${start.lines}` : `offset=${start.offset}`;
  return `/v1/jobs/${encodeURIComponent(jobId)}/log?follow=true&${place}`;
}

/** Reads a frame; undefined for types of a later version, which this one can do without. */
function parseLogFrame({ type, data }: ServerSentEvent): LogFrame | undefined {
  switch (type) {
    case "log.lines":
    case "log.gap":
    case "log.reset":
    case "log.end":
      return { type, data: JSON.parse(data) };
    default:
      return undefined;
  }
}
