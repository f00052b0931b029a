/** Owns the bounds of the state: what has ended is dropped, oldest first, past a number. The store keeps it all. */
import type { StoredEvent } from "../events/event.ts";
import type { Draft, DraftMap } from "./draft.ts";
import { hasEnded, type Session } from "./state.ts";

/** Most ended jobs, closed sessions, sessions at rest (idle, and none of their jobs is kept) and completed tasks a project. */
export const MAX_ENDED_JOBS = 100;
export const MAX_CLOSED_SESSIONS = 100;
export const MAX_RESTING_SESSIONS = 100;
export const MAX_COMPLETED_TASKS = 200;

/** Keeps the project of an event within its bounds; called after the event was applied. */
export function prune(draft: Draft, { project_id, event_type }: StoredEvent): void {
  switch (event_type) {
    case "job.completed":
    case "job.failed":
    case "job.canceled":
      for (const job of surplus(
        draft.jobs,
        MAX_ENDED_JOBS,
        (job) => job.project_id === project_id && hasEnded(job.state),
      )) {
        draft.removeJob(job);
      }
      for (const session of resting(draft, project_id)) draft.removeSession(session);
      return;
    case "session.closed": {
      const closed = (session: { project_id: string; closed_at: string | null }) =>
        session.project_id === project_id && session.closed_at !== null;
      for (const session of surplus(draft.sessions, MAX_CLOSED_SESSIONS, closed)) draft.removeSession(session);
      return;
    }
    case "task.completed": {
      const completed = (task: { project_id: string; status: string }) =>
        task.project_id === project_id && task.status === "completed";
      for (const task of surplus(draft.tasks, MAX_COMPLETED_TASKS, completed)) draft.removeTask(task);
      return;
    }
  }
}

/** Whoever runs jobs on a branch seldom says that the branch is done with: what rests longest goes. */
function resting(draft: Draft, project_id: string): Session[] {
  const isIdle = (session: Session) => session.project_id === project_id && session.state === "idle";
  if (surplus(draft.sessions, MAX_RESTING_SESSIONS, isIdle).length === 0) return [];
  const inUse = new Set<string | null>();
  for (const job of draft.jobs.values()) if (job.project_id === project_id) inUse.add(job.session_id);
  return surplus(draft.sessions, MAX_RESTING_SESSIONS, (session) => isIdle(session) && !inUse.has(session.session_id));
}

/** The ended ones beyond the bound, those that came first. */
function surplus<V extends { updated_at: string }>(
  all: DraftMap<V>,
  most: number,
  isEnded: (value: V) => boolean,
): V[] {
  const ended = [...all.values()].filter(isEnded);
  if (ended.length <= most) return [];
  return ended.sort((a, b) => (a.updated_at < b.updated_at ? -1 : 1)).slice(0, ended.length - most);
}
