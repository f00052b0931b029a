/** Owns the names of the output channels; two of one name would be one list entry that nobody can tell apart. */
import type { Job, State } from "../../shared/state/state.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { projectName } from "../store/selectors.ts";
import { jobLabel } from "../text/jobText.ts";

const MAX_PART_LENGTH = 40;

/** `Televibe: shop / npm test`; a number where a channel that is open has the name already. */
export function channelName(state: State, job: Job, taken: ReadonlySet<string>): string {
  const project = oneLine(projectName(state, job.project_id), MAX_PART_LENGTH);
  const name = `Televibe: ${project} / ${jobLabel(job, MAX_PART_LENGTH)}`;
  if (!taken.has(name)) return name;
  for (let number = 2; ; number += 1) {
    const next = `${name} (${number})`;
    if (!taken.has(next)) return next;
  }
}
