/** Owns the words for a job: what it is called and how it stands. Nothing in them changes by the passing of time alone. */
import type { Job, JobState } from "../../shared/state/state.ts";
import { formatDuration } from "../../shared/text/duration.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { count } from "./count.ts";

const MAX_LABEL_LENGTH = 100;
const MAX_PROGRESS_LENGTH = 60;

const STATE_WORDS: Readonly<Record<JobState, string>> = {
  queued: "queued",
  running: "running",
  waiting: "waiting for approval",
  completed: "completed",
  failed: "failed",
  canceled: "canceled",
};

export function jobLabel(job: Job, maxLength = MAX_LABEL_LENGTH): string {
  return oneLine(job.instruction, maxLength) || oneLine(job.job_id, maxLength);
}

/** Such as `completed · 12s · 3 files · +10 -2`. */
export function jobDescription(job: Job): string {
  const parts = [STATE_WORDS[job.state], ...(job.ended_at === null ? atWork(job) : ended(job))];
  return parts.filter((part) => part !== "").join(" · ");
}

export function jobStateWords(state: JobState): string {
  return STATE_WORDS[state];
}

function atWork(job: Job): readonly string[] {
  const { progress } = job;
  if (progress === null) return job.state === "running" ? atTools(job) : [];
  const { percent, text } = progress;
  return [percent === null ? "" : `${Math.round(percent)}%`, oneLine(text, MAX_PROGRESS_LENGTH)];
}

/**
 * An agent that uses tools says so by them: the newest one, and how many there were. That a call has ended is its own row's
 * news: this one would have all rows below it drawn again.
 */
function atTools({ tool_calls, tool_call_count }: Job): readonly string[] {
  const newest = tool_calls.at(-1);
  if (newest === undefined) return [];
  const { tool, file, summary } = newest;
  return [oneLine(`${tool} ${file ?? summary ?? ""}`, MAX_PROGRESS_LENGTH), count(tool_call_count, "tool call")];
}

function ended(job: Job): readonly string[] {
  return [
    job.duration_seconds === null ? "" : formatDuration(job.duration_seconds),
    howItEnded(job),
    job.files_changed.length === 0 ? "" : count(job.files_changed.length, "file"),
    oneLine(job.diff_stat ?? "", MAX_PROGRESS_LENGTH),
  ];
}

/** The signal, or an exit code that says more than the state does. */
function howItEnded({ state, signal, exit_code }: Job): string {
  if (signal !== null) return signal;
  return exit_code === null || (exit_code === 0 && state === "completed") ? "" : `exit ${exit_code}`;
}
