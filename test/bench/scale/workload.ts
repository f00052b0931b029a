/** A bridge's day in a minute: 1,000 events a second, and queries all the while, recent ones and ones anywhere. */
import { setTimeout as delay } from "node:timers/promises";
import { v7 as newEventId } from "uuid";
import type { BridgeClient, EventsQuery } from "../../../shared/client/bridgeClient.ts";
import type { BridgeSocket } from "../../../shared/client/bridgeSocket.ts";
import type { EventInput } from "../../../shared/events/event.ts";
import {
  EVENTS_A_GENERATION,
  PROJECTS,
  projectName,
  SESSIONS_AT_A_TIME,
  seededRandom,
  sessionName,
} from "./history.ts";

const EVENTS_A_SECOND = 1000;
const TICK_MS = 10;
const QUERY_PAUSE_MS = 50;
const LIMIT = 100;
const EVENTS_A_JOB = 40;
const SETTLED_EVENTS = 20_000;

/** Publishes until the signal; resolves with how many events were acknowledged. */
export async function publishSteadily(socket: BridgeSocket, signal: AbortSignal): Promise<number> {
  const startMs = performance.now();
  let sent = 0;
  const acknowledged: Promise<number>[] = [];
  while (!signal.aborted) {
    const due = Math.floor(((performance.now() - startMs) * EVENTS_A_SECOND) / 1000);
    const batch = Array.from({ length: due - sent }, (_, index) => liveEvent(sent + index));
    sent = due;
    if (batch.length > 0) acknowledged.push(socket.publish(batch).then((results) => results.length));
    await delay(TICK_MS);
  }
  return (await Promise.all(acknowledged)).reduce((sum, count) => sum + count, 0);
}

function liveEvent(number: number): EventInput {
  const job = Math.floor(number / EVENTS_A_JOB);
  const step = number % EVENTS_A_JOB;
  return {
    event_id: newEventId(),
    event_type: step === 0 ? "job.started" : step === EVENTS_A_JOB - 1 ? "job.completed" : "job.progress",
    project_id: projectName(job % PROJECTS),
    session_id: `live-${job % 20}`,
    job_id: `live-job-${job}`,
    data: step === 0 ? { instruction: "measure the bridge" } : { message: `line ${number} of the live job ${job}` },
  };
}

export interface QueryTimes {
  readonly recentMs: number[];
  readonly anywhereMs: number[];
}

/** Asks until the signal, one query at a time: for the newest of each kind of filter, and for the same at random places. */
export async function queryAllTheWhile(client: BridgeClient, events: number, signal: AbortSignal): Promise<QueryTimes> {
  const times: QueryTimes = { recentMs: [], anywhereMs: [] };
  const random = seededRandom(7);
  for (let round = 0; !signal.aborted; round++) {
    times.recentMs.push(await timed(client, { ...filterOf(round, events - 1), order: "desc", limit: LIMIT }));
    const place = somewhere(random(), events);
    const anywhere = { ...filterOf(round, place), order: "desc", before: place + 1, limit: LIMIT } as const;
    times.anywhereMs.push(await timed(client, anywhere));
    await delay(QUERY_PAUSE_MS);
  }
  return times;
}

/** Not where a project's sessions have just begun, and there is nothing of them yet. */
function somewhere(share: number, events: number): number {
  const place = Math.floor(share * events);
  return Math.min(events - 1, Math.max(place, place - (place % EVENTS_A_GENERATION) + SETTLED_EVENTS));
}

/** The kinds of filter that people use, for something that was there at a place in the history. */
function filterOf(round: number, place: number): EventsQuery {
  const project = round % PROJECTS;
  const project_id = [projectName(project)];
  const session_id = [sessionName(project, round % SESSIONS_AT_A_TIME, place)];
  const kinds: readonly EventsQuery[] = [
    { project_id },
    { type: ["job.failed"] },
    { project_id, type: ["job.completed", "job.failed"] },
    { session_id },
    { project_id, session_id, type: ["job.*"] },
    { type: ["job.*"] },
    {},
  ];
  return kinds[round % kinds.length] ?? {};
}

async function timed(client: BridgeClient, query: EventsQuery): Promise<number> {
  const startMs = performance.now();
  const found = await client.events(query);
  const tookMs = performance.now() - startMs;
  if (found.length === 0) throw new Error(`Nothing was found by ${JSON.stringify(query)}: that measures nothing`);
  return tookMs;
}
