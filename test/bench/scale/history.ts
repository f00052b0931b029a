/** Makes up a month of work as events, always the same for the same number: several projects, their sessions, their jobs. */
import type { UnknownEvent } from "../../../shared/events/event.ts";
import type { EventType } from "../../../shared/events/taxonomy.ts";

export const PROJECTS = 8;
export const SESSIONS_AT_A_TIME = 6;
/** A project's sessions are other ones after so many events. */
export const EVENTS_A_GENERATION = 100_000;
const JOBS_AT_A_TIME = 10;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Begins this long ago and ends an hour ago. */
const SPAN_MS = 29 * DAY_MS;

const WORDS =
  "test build deploy refactor cart total receipt login session cache timeout retry parse render layout button query index store journal commit branch merge conflict review approve permission token header stream cursor replay socket bridge agent prompt tool edit write read grep".split(
    " ",
  );

interface RunningJob {
  readonly id: string;
  readonly project: number;
  readonly session: number;
  left: number;
}

export function projectName(project: number): string {
  return `project-${project}`;
}

/** The sessions that a project has at the time of an event. */
export function sessionName(project: number, session: number, eventNumber: number): string {
  return `session-${project}-${Math.floor(eventNumber / EVENTS_A_GENERATION)}-${session}`;
}

/** Numbers from 0 up to 1, the same ones each time (a linear congruential generator: Numerical Recipes). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function* history(count: number, nowMs: number): Generator<UnknownEvent> {
  const random = seededRandom(12345);
  const below = (most: number) => Math.floor(random() * most);
  const words = (howMany: number) => Array.from({ length: howMany }, () => WORDS[below(WORDS.length)]).join(" ");
  const running: RunningJob[] = [];
  let jobs = 0;

  const begin = (): RunningJob => {
    const id = `job-${(jobs++).toString(36).padStart(6, "0")}`;
    const job = { id, project: below(PROJECTS), session: below(SESSIONS_AT_A_TIME), left: 10 + below(30) };
    running.push(job);
    return job;
  };
  const next = (): { job: RunningJob; type: EventType; data: Record<string, unknown> } => {
    const known = running.length < JOBS_AT_A_TIME ? undefined : running[below(running.length)];
    const job = known ?? begin();
    if (known === undefined) return { job, type: "job.started", data: { instruction: words(12), branch: "main" } };
    const step = job.left--;
    if (step === 0) {
      running.splice(running.indexOf(job), 1);
      const duration_seconds = 60 + below(600);
      if (below(10) === 0) return { job, type: "job.failed", data: { error: words(8), duration_seconds } };
      const files_changed = ["src/cart.ts", "src/receipt.ts"];
      return { job, type: "job.completed", data: { summary: words(10), duration_seconds, files_changed } };
    }
    const call = { tool: "Bash", tool_use_id: `${job.id}-${step >> 1}`, summary: words(6) };
    if (step % 4 === 3) return { job, type: "job.tool_started", data: call };
    if (step % 4 === 2) return { job, type: "job.tool_completed", data: { ...call, success: true } };
    return { job, type: "job.progress", data: { type: "output", message: words(9) } };
  };

  for (let number = 0; number < count; number++) {
    const atMs = Math.floor(nowMs - SPAN_MS + (number * (SPAN_MS - 60 * 60 * 1000)) / count);
    const { job, type, data } = next();
    yield {
      event_id: eventId(atMs, number, below(2 ** 12)),
      event_type: type,
      timestamp: new Date(atMs).toISOString(),
      source: { component: "run", instance_id: job.id },
      project_id: projectName(job.project),
      session_id: sessionName(job.project, job.session, number),
      job_id: job.id,
      data,
      visibility: "public",
      recipients: ["all"],
    };
  }
}

/** A UUID of version 7, as producers make them. */
function eventId(atMs: number, number: number, salt: number): string {
  const time = atMs.toString(16).padStart(12, "0");
  const hex = (value: number, length: number) => value.toString(16).padStart(length, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(number % 4096, 3)}-8${hex(salt, 3)}-${hex(number, 12)}`;
}
