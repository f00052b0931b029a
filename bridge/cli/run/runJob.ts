/** Owns one job under `televibe run`, from its start to its end: the command first, the bridge beside it, never before it. */
import { join } from "node:path";
import { v7 as newId } from "uuid";
import { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import { paths } from "../../../shared/client/dataPaths.ts";
import type { EventInput } from "../../../shared/events/event.ts";
import { oneLine } from "../../../shared/text/oneLine.ts";
import { lookAfter, lookBefore } from "../../git/changes.ts";
import type { Place } from "../../git/place.ts";
import type { BridgeAccess } from "../context.ts";
import { currentFolder } from "../currentFolder.ts";
import { SPOOL_ENDING } from "../spool/deliverSpools.ts";
import { processStart } from "../spool/processIdentity.ts";
import { Spool } from "../spool/spool.ts";
import type { Terminal } from "../terminal.ts";
import { JobDelivery } from "./jobDelivery.ts";
import { JobEvents } from "./jobEvents.ts";
import { type JobEnd, JobProcess } from "./jobProcess.ts";
import { OutputRecorder } from "./outputRecorder.ts";

/** A job that prints tells what it printed last this often, no oftener. */
const PROGRESS_INTERVAL_MS = 2000;
const MAX_PROGRESS_LENGTH = 200;

export interface RunJobOptions {
  readonly command: readonly [string, ...string[]];
  readonly instruction: string;
  readonly place: Place;
  readonly access: BridgeAccess;
  readonly terminal: Terminal;
}

export interface JobResult {
  readonly end: JobEnd;
  /** Whether somebody had it stopped. */
  readonly isCanceled: boolean;
}

export async function runJob({ command, instruction, place, access, terminal }: RunJobOptions): Promise<JobResult> {
  const jobId = newId();
  // Has to be seen before the command changes it; it is the only thing that the command waits for.
  const before = place.worktree === null ? undefined : await lookBefore(place.worktree);
  const events = new JobEvents({ jobId, place, instruction, command, workspace: currentFolder() }, Date.now);
  const spool = new Spool(join(paths(access.dataDir).spool, `${jobId}${SPOOL_ENDING}`), {
    job_id: jobId,
    project_id: place.project,
    session_id: place.session,
    pid: process.pid,
    process_start: processStart(process.pid),
  });
  const tell = (event: EventInput) => spool.add({ kind: "event", event });

  const output = new OutputRecorder(spool);
  let latest: Buffer = Buffer.alloc(0);
  tell(events.queued());
  using job = new JobProcess({
    command: command[0],
    args: command.slice(1),
    env: {
      ...process.env,
      TELEVIBE_JOB_ID: jobId,
      TELEVIBE_PROJECT: place.project,
      TELEVIBE_SESSION: place.session,
      TELEVIBE_DATA_DIR: access.dataDir,
    },
    onOutput: (chunk) => {
      output.take(chunk);
      latest = chunk;
    },
  });
  const ended = job.ended();
  if ((await job.spawned) === null) tell(events.started(job.pid));

  let canceled: { readonly reason: string | null } | undefined;
  const onRefused = once((problem: Error) =>
    terminal.note(`televibe: the bridge refused something of this job: ${problem.message}`),
  );
  const delivery = new JobDelivery({
    jobId,
    spool,
    connect: (signal) => access.open(signal),
    onCancelRequested: (reason) => {
      canceled ??= { reason };
      job.cancel();
    },
    onRefused,
  });
  delivery.start();
  // Only whoever knows the session can tell whether it is a new one; the job does not wait to hear it.
  const announced = announceSession(access, place, () => tell(events.sessionCreated()));

  let told = "";
  const progress = setInterval(() => {
    spool.touch();
    const line = lastLine(latest);
    if (line === "" || line === told) return;
    told = line;
    tell(events.progress(line));
  }, PROGRESS_INTERVAL_MS);
  const end = await ended;
  clearInterval(progress);

  if (end.spawnError !== null) terminal.note(`televibe: ${command[0]}: ${describeSpawnError(end.spawnError)}`);
  output.end();
  tell(events.ended(end, before === undefined ? undefined : await lookAfter(before), canceled));
  // All is told: whoever does not want to wait for the bridge may end us.
  job[Symbol.dispose]();
  const outcome = await delivery.finish(announced);
  if (outcome === "kept")
    terminal.note(
      "televibe: no bridge has taken in yet all that this job told; it is kept and delivered when one does.",
    );
  if (outcome === "lost")
    terminal.note(
      `televibe: what this job told could not be kept (${spool.problem?.message}); its command ran all the same.`,
    );
  return { end, isCanceled: canceled !== undefined };
}

async function announceSession(
  access: BridgeAccess,
  { project, session, branch }: Place,
  announce: () => void,
): Promise<void> {
  try {
    const { state } = await new BridgeClient(await access.open()).state();
    const isKnown = state.sessions.some(
      (each) => each.project_id === project && each.session_id === session && (each.branch !== null || branch === null),
    );
    if (!isKnown) announce();
  } catch {
    // Without a bridge the job's own events bring its session into being, if without its branch.
  }
}

/** What was printed last, as a terminal shows it. */
function lastLine(chunk: Buffer): string {
  const lines = chunk.toString().split("\n");
  for (const line of lines.reverse()) {
    const shown = oneLine(line, MAX_PROGRESS_LENGTH);
    if (shown !== "") return shown;
  }
  return "";
}

/** One refusal says it; a job's output would bring hundreds. */
function once<T>(act: (value: T) => void): (value: T) => void {
  let isDone = false;
  return (value) => {
    if (!isDone) act(value);
    isDone = true;
  };
}

function describeSpawnError(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return "command not found";
  if (error.code === "EACCES") return "permission denied";
  return error.message;
}
