/** Owns one job under `televibe run`, from its start to its end: the command first, the bridge beside it, never before it. */
import { join } from "node:path";
import { v7 as newId } from "uuid";
import { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import { paths } from "../../../shared/client/dataDirectory.ts";
import type { EventInput } from "../../../shared/events/event.ts";
import { plainLine } from "../../../shared/text/terminalText.ts";
import type { BridgeAccess } from "../context.ts";
import { lookAfter, lookBefore } from "../git/changes.ts";
import type { Place } from "../git/place.ts";
import { SPOOL_ENDING } from "../spool/deliverSpools.ts";
import { Spool } from "../spool/spool.ts";
import type { Terminal } from "../terminal.ts";
import { JobDelivery } from "./jobDelivery.ts";
import { JobEvents } from "./jobEvents.ts";
import { type JobEnd, JobProcess } from "./jobProcess.ts";

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

export async function runJob({ command, instruction, place, access, terminal }: RunJobOptions): Promise<JobEnd> {
  const jobId = newId();
  const workspace = process.cwd();
  const events = new JobEvents({ jobId, place, instruction, command, workspace }, Date.now);
  const before = place.worktree === null ? undefined : await lookBefore(place.worktree);
  const spool = await Spool.create(join(paths(access.dataDir).spool, `${jobId}${SPOOL_ENDING}`), {
    jobId,
    pid: process.pid,
  });
  const tell = (event: EventInput) => spool.add({ kind: "event", event });

  let offset = 0;
  let latest: Buffer = Buffer.alloc(0);
  const job = new JobProcess({
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
      spool.add({ kind: "log", offset, data: chunk.toString("base64") });
      offset += chunk.length;
      latest = chunk;
    },
  });
  tell(events.queued());
  tell(events.started(job.pid));

  let canceled: { reason: string | null } | undefined;
  const delivery = new JobDelivery({
    jobId,
    spool,
    connect: (signal) => access.open(signal),
    onCancelRequested: (reason) => {
      canceled ??= { reason };
      job.cancel();
    },
    onRefused: (problem) => terminal.note(`televibe: the bridge refused something of this job: ${problem.message}`),
  });
  delivery.start();
  // Only whoever knows the session can tell whether it is a new one; the job does not wait to hear it.
  void announceSession(access, place, () => tell(events.sessionCreated()));

  let told = "";
  const progress = setInterval(() => {
    const line = lastLine(latest);
    if (line === "" || line === told) return;
    told = line;
    tell(events.progress(line));
  }, PROGRESS_INTERVAL_MS);
  const end = await job.run();
  clearInterval(progress);

  tell(events.ended(end, before === undefined ? undefined : await lookAfter(before), canceled));
  if (end.spawnError !== null) terminal.note(`televibe: ${command[0]}: ${describeSpawnError(end.spawnError)}`);
  const isDelivered = await delivery.finish();
  if (!isDelivered)
    terminal.note(`televibe: the bridge is away; what this job told is kept and delivered when it is back.`);
  return end;
}

async function announceSession(access: BridgeAccess, { project, session }: Place, announce: () => void): Promise<void> {
  try {
    const { state } = await new BridgeClient(await access.open()).state();
    const isKnown = state.sessions.some(
      (each) => each.project_id === project && each.session_id === session && each.branch !== null,
    );
    if (!isKnown) announce();
  } catch {
    // Without a bridge the job's own events bring its session into being, if without its branch.
  }
}

function lastLine(chunk: Buffer): string {
  const lines = chunk
    .toString()
    .split("\n")
    .map(plainLine)
    .map((line) => line.trim());
  return (lines.findLast((line) => line !== "") ?? "").slice(0, MAX_PROGRESS_LENGTH);
}

function describeSpawnError(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return "command not found";
  if (error.code === "EACCES") return "permission denied";
  return error.message;
}
