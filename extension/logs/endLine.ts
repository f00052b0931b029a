/** Owns the last line of a job's log: `— completed in 12s, 3 files changed —`. */
import type { Job } from "../../shared/state/state.ts";
import { formatDuration } from "../../shared/text/duration.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { count } from "../text/count.ts";

const MAX_ERROR_LENGTH = 200;

/** @param jobState what the log's end says of the job, for one that is not known here. */
export function endLine(job: Job | undefined, jobState: string): string {
  if (job === undefined || job.ended_at === null) return `— ${jobState} —`;
  const { state, duration_seconds, signal, exit_code, files_changed, diff_stat, error } = job;
  const took = duration_seconds === null ? "" : ` in ${formatDuration(duration_seconds)}`;
  const details = [
    signal ?? (exit_code === null || exit_code === 0 ? "" : `exit ${exit_code}`),
    files_changed.length === 0 ? "" : `${count(files_changed.length, "file")} changed`,
    oneLine(diff_stat ?? "", MAX_ERROR_LENGTH),
    oneLine(error ?? "", MAX_ERROR_LENGTH),
  ].filter((part) => part !== "");
  return `— ${[`${state}${took}`, ...details].join(", ")} —`;
}
