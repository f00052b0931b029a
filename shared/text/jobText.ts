/** Owns how a job is named and how its end is told in a few words; the same on every surface. */
import type { Job } from "../state/state.ts";
import { formatDuration } from "./duration.ts";
import { oneLine } from "./oneLine.ts";
import { usageText } from "./usageText.ts";

/** What a job is called: the beginning of what it was told to do, its id where that is not known. */
export function jobName(job: Job, maxLength = 80): string {
  const name = oneLine(job.instruction, maxLength);
  return name === "" ? job.job_id : name;
}

/** The facts of a job's end that are known and worth telling: `12s`, `exit code 1`, `3 files changed`, `+245 -12`, what its model used. */
export function jobOutcome(job: Job): readonly string[] {
  const { duration_seconds, exit_code, signal, files_changed, diff_stat, usage } = job;
  const hasFailed = exit_code !== null && exit_code !== 0;
  return [
    ...(duration_seconds === null ? [] : [formatDuration(duration_seconds)]),
    ...(signal === null ? (hasFailed ? [`exit code ${exit_code}`] : []) : [oneLine(signal, 20)]),
    ...(files_changed.length === 0 ? [] : [count(files_changed.length, "file changed", "files changed")]),
    ...(diff_stat === null || diff_stat === "" ? [] : [oneLine(diff_stat, 40)]),
    ...(usage === null || usageText(usage) === "" ? [] : [usageText(usage)]),
  ];
}

/** `1 file`, `2 files`. */
export function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
