/** Owns finding the job that somebody means: by its id or the beginning of it, by its session, or the newest. Pure. */
import { hasEnded, type Job, type State } from "../../../shared/state/state.ts";
import { maySee } from "../chats/audience.ts";
import type { PairedChat } from "../record/telegramRecord.ts";

/** Fewer characters of an id could mean any job. */
const MIN_PREFIX = 4;

/** The jobs that a chat may know of, newest first; others are as if they were not there. */
export function visibleJobs(state: State, chat: PairedChat): readonly Job[] {
  return [...state.jobs.values()].filter((job) => maySee(chat, job)).reverse();
}

export function findJob(jobs: readonly Job[], target: string | undefined): Job | undefined {
  if (target === undefined) return currentOf(jobs);
  const exact = jobs.find(({ job_id }) => job_id === target);
  if (exact !== undefined) return exact;
  const ofSession = jobs.filter((job) => isOfSession(job, target));
  return currentOf(ofSession) ?? jobs.find(({ job_id }) => target.length >= MIN_PREFIX && job_id.startsWith(target));
}

/** One that is at work, else the newest. */
function currentOf(jobs: readonly Job[]): Job | undefined {
  return jobs.find(({ state }) => !hasEnded(state)) ?? jobs[0];
}

function isOfSession({ project_id, session_id }: Job, target: string): boolean {
  return session_id !== null && (session_id === target || `${project_id}/${session_id}` === target);
}
