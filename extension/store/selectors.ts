/** Owns the questions that are asked of a state: who belongs to whom, in what order, and how many. */
import type { Approval } from "../../shared/protocol/approval.ts";
import { hasEnded, type Job, type Project, type Session, type State, sessionKey } from "../../shared/state/state.ts";

/** Children of each parent, in the order in which they are drawn. */
interface Index {
  readonly projects: readonly Project[];
  readonly sessions: ReadonlyMap<string, readonly Session[]>;
  /** By session key, or by project id for jobs of no session. */
  readonly jobs: ReadonlyMap<string, readonly Job[]>;
  readonly pending: readonly Approval[];
}

/** A state is immutable, so its index is made once, and goes when it does. */
const indexes = new WeakMap<State, Index>();

/** By name, so that rows keep their places while work goes on. */
export function projectsOf(state: State): readonly Project[] {
  return indexOf(state).projects;
}

/** Newest first; closed ones come after all others. */
export function sessionsOf(state: State, project_id: string): readonly Session[] {
  return indexOf(state).sessions.get(project_id) ?? [];
}

/** Newest first. `session_id` null asks for the project's jobs of no session. */
export function jobsOf(state: State, project_id: string, session_id: string | null): readonly Job[] {
  return indexOf(state).jobs.get(jobParent(project_id, session_id)) ?? [];
}

/** Longest waiting first. */
export function pendingApprovals(state: State): readonly Approval[] {
  return indexOf(state).pending;
}

/** Newest first, those at work before those that ended. */
export function allJobs(state: State): readonly Job[] {
  return [...state.jobs.values()].sort(
    (a, b) => Number(hasEnded(a.state)) - Number(hasEnded(b.state)) || newestFirst(beginningOf(a), beginningOf(b)),
  );
}

export function activeJobs(state: State): readonly Job[] {
  return [...state.jobs.values()].filter((job) => !hasEnded(job.state));
}

/** Those at work: neither in a queue nor waiting for an answer. */
export function runningJobs(state: State): readonly Job[] {
  return [...state.jobs.values()].filter((job) => job.state === "running");
}

export function projectName(state: State, project_id: string): string {
  return state.projects.get(project_id)?.name ?? project_id;
}

/** A session's name; its id where it is not known, undefined for none. */
export function sessionName(state: State, project_id: string, session_id: string | null): string | undefined {
  if (session_id === null) return undefined;
  return state.sessions.get(sessionKey(project_id, session_id))?.name ?? session_id;
}

/** Where something happens, as people say it: `shop / main`. */
export function placeName(state: State, { project_id, session_id }: { project_id: string; session_id: string | null }) {
  const project = projectName(state, project_id);
  const session = sessionName(state, project_id, session_id);
  return session === undefined ? project : `${project} / ${session}`;
}

/** When a job came into being, as far as is known. */
function beginningOf(job: Job): string {
  return job.queued_at ?? job.started_at ?? job.updated_at;
}

function indexOf(state: State): Index {
  const known = indexes.get(state);
  if (known !== undefined) return known;
  const sessions = groupBy(state.sessions.values(), (session) => session.project_id);
  for (const group of sessions.values()) group.sort(compareSessions);
  const jobs = groupBy(state.jobs.values(), (job) => {
    // A session that was dropped from the picture must not take a job at work out of sight.
    const isHome = job.session_id !== null && state.sessions.has(sessionKey(job.project_id, job.session_id));
    return jobParent(job.project_id, isHome ? job.session_id : null);
  });
  for (const group of jobs.values()) group.sort((a, b) => newestFirst(beginningOf(a), beginningOf(b)));
  const index: Index = {
    projects: [...state.projects.values()].sort((a, b) => a.name.localeCompare(b.name)),
    sessions,
    jobs,
    pending: [...state.approvals.values()]
      .filter((approval) => approval.state === "pending")
      .sort((a, b) => newestFirst(b.requested_at, a.requested_at)),
  };
  indexes.set(state, index);
  return index;
}

function groupBy<V>(values: Iterable<V>, keyOf: (value: V) => string): Map<string, V[]> {
  const groups = new Map<string, V[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

function jobParent(project_id: string, session_id: string | null): string {
  return session_id === null ? project_id : sessionKey(project_id, session_id);
}

function compareSessions(a: Session, b: Session): number {
  const closed = Number(a.closed_at !== null) - Number(b.closed_at !== null);
  return closed || newestFirst(a.created_at, b.created_at) || a.name.localeCompare(b.name);
}

/** RFC 3339 in UTC sorts as text. */
function newestFirst(a: string, b: string): number {
  return a < b ? 1 : a > b ? -1 : 0;
}
