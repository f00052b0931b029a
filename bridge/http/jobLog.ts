/** Owns reading a job's log for those who ask over HTTP or the WebSocket: which job, from where, under which cursor. */
import { type LogCursor, type LogFrame, type LogPage, offsetBehind } from "../../shared/protocol/log.ts";
import { problem } from "../../shared/protocol/problem.ts";
import { hasEnded } from "../../shared/state/state.ts";
import type { Services } from "./services.ts";

/** How many lines are sent when nobody says, and at most. */
export const DEFAULT_LOG_LINES = 100;
export const MAX_LOG_LINES = 10_000;

export type FollowFrom = Parameters<Services["logs"]["follow"]>[1];
export type ReadFrom = Parameters<Services["logs"]["read"]>[1];

type LogServices = Pick<Services, "logs" | "projection">;

/** @throws ProblemError `unknown_job` */
export async function readLog(services: LogServices, jobId: string, from: ReadFrom): Promise<LogPage> {
  const page = await services.logs.read(jobId, from);
  if (page.size === 0) requireJob(services, jobId);
  return page;
}

/** Checks that there is something to follow. @throws ProblemError `unknown_job` */
export async function requireLog(services: LogServices, jobId: string): Promise<void> {
  if (services.projection.state.jobs.has(jobId)) return;
  // Its events may be gone, or still on their way, while its log is here.
  await readLog(services, jobId, { lines: 1 });
}

/** The log from a place on, each frame with the cursor to go on from behind it. */
export async function* followLog(
  { logs, projection }: LogServices,
  jobId: string,
  from: FollowFrom,
  signal: AbortSignal,
): AsyncGenerator<{ readonly frame: LogFrame; readonly cursor: LogCursor }> {
  const job = projection.state.jobs.get(jobId);
  // The log's files do not know how jobs stand: one that ended before the bridge started must still end its followers.
  if (job !== undefined && hasEnded(job.state)) logs.end(jobId, job.state);

  let generation = await logs.generation(jobId);
  for await (const frame of logs.follow(jobId, from, signal)) {
    if (frame.type === "log.reset") generation = await logs.generation(jobId);
    yield { frame, cursor: { generation, offset: offsetBehind(frame) } };
  }
}

function requireJob({ projection }: LogServices, jobId: string): void {
  if (!projection.state.jobs.has(jobId)) throw problem("unknown_job", `There is no job "${jobId}", and no log of one.`);
}
