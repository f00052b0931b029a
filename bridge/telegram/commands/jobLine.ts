/** Owns how a job reads in a list. Pure. */
import { code, fmt } from "telegraf/format";
import type { Job, JobState } from "../../../shared/state/state.ts";
import { jobName, jobOutcome } from "../../../shared/text/jobText.ts";
import { placeName } from "../text/place.ts";
import { prose } from "../text/untrusted.ts";

const ICONS: Readonly<Record<JobState, string>> = {
  queued: "⏳",
  running: "🔧",
  waiting: "⚠️",
  completed: "✅",
  failed: "❌",
  canceled: "🚫",
};

/** Enough of an id for `/tail`. */
const SHORT_ID = 8;

export function jobLine(job: Job): ReturnType<typeof fmt> {
  const { progress } = job;
  const percent =
    progress?.percent === undefined || progress.percent === null ? [] : [`${Math.round(progress.percent)}%`];
  const facts = [...percent, ...jobOutcome(job)].map((fact) => ` · ${prose(fact, 60)}`).join("");
  const head = `${ICONS[job.state]} ${placeName(job)}: ${prose(jobName(job), 80)}${facts}`;
  return fmt([head, "  ", code(job.job_id.slice(0, SHORT_ID))]);
}
