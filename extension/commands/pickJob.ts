/** Owns finding the job that a command is about: the row's own, or the one that is picked. */
import { window } from "vscode";
import type { Job } from "../../shared/state/state.ts";
import type { LiveStore } from "../store/liveStore.ts";
import { allJobs, placeName } from "../store/selectors.ts";
import { readTarget } from "../store/target.ts";
import { jobDescription, jobLabel } from "../text/jobText.ts";
import { withoutIcons } from "../text/untrusted.ts";

export interface JobQuestion {
  readonly title: string;
  /** Which jobs there are to pick from, and what to say when there is none. */
  readonly isOffered: (job: Job) => boolean;
  readonly none: string;
}

/** Undefined when there is none, which is said, or none was picked. */
export async function pickJob(
  { state }: LiveStore,
  argument: unknown,
  { title, isOffered, none }: JobQuestion,
): Promise<Job | undefined> {
  const target = readTarget(argument);
  if (target?.job_id !== undefined) {
    const job = state.jobs.get(target.job_id);
    if (job === undefined) void window.showInformationMessage("This job is not known any more.");
    return job;
  }
  const offered = allJobs(state)
    .filter(isOffered)
    .filter(({ session_id }) => target?.session_id === undefined || target.session_id === session_id);
  if (offered.length === 0) {
    void window.showInformationMessage(none);
    return undefined;
  }
  const picked = await window.showQuickPick(
    offered.map((job) => ({
      job,
      label: withoutIcons(jobLabel(job)),
      description: withoutIcons(placeName(state, job)),
      detail: withoutIcons(jobDescription(job)),
    })),
    { title, placeHolder: "Which job?", matchOnDescription: true, matchOnDetail: true },
  );
  return picked?.job;
}
