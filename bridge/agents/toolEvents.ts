/** Owns the events of a tool's use. */
import type { Job } from "../../shared/state/state.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { formatLineCounts } from "../diff/lineCounts.ts";
import { boundedNames } from "./boundedNames.ts";
import { toolUseIdOf } from "./identity.ts";
import { type Occasion, workFolder } from "./occasion.ts";
import type { PlannedEvent } from "./plan.ts";
import { shownPath, type ToolOutcome, type ToolUse } from "./toolUse.ts";

export function toolStarted(job_id: string, use: ToolUse, occasion: Occasion): PlannedEvent {
  return { event_type: "job.tool_started", job_id, data: toolFacts(use, occasion) };
}

export function toolCompleted(job_id: string, use: ToolUse, outcome: ToolOutcome, occasion: Occasion): PlannedEvent {
  const folder = workFolder(occasion);
  const { isSuccess, error, durationSeconds, lines, changedPaths } = outcome;
  return {
    event_type: "job.tool_completed",
    job_id,
    data: {
      ...toolFacts(use, occasion),
      success: isSuccess,
      ...(error === undefined ? {} : { error }),
      ...(durationSeconds === undefined ? {} : { duration_seconds: durationSeconds }),
      ...(lines === undefined ? {} : { diff_stat: formatLineCounts(lines) }),
      ...(changedPaths.length === 0
        ? {}
        : { files_changed: boundedNames(changedPaths.map((path) => shownPath(path, folder))) }),
    },
  };
}

/** A subagent's use says whose it is: in its own field, and in the line that people read. */
function toolFacts(use: ToolUse, occasion: Occasion) {
  const { subagent } = occasion;
  const file = use.path === undefined ? undefined : shownPath(use.path, workFolder(occasion));
  const whose = subagent === undefined ? undefined : oneLine(subagent, 40);
  const summary = whose === undefined ? use.summary : `${whose}: ${use.summary}`;
  return {
    tool: use.tool,
    ...(use.id === undefined ? {} : { tool_use_id: toolUseIdOf(use.id) }),
    ...(summary === "" ? {} : { summary }),
    // What a search looks through is no file that it works on.
    ...(file === undefined || file !== use.summary ? {} : { file }),
    ...(whose === undefined ? {} : { subagent: whose }),
  };
}

/** How long a use has run that was told to have begun. */
export function runningSeconds(job: Job | undefined, use: ToolUse, at: string): number | undefined {
  const call = job?.tool_calls.find(({ call_id }) => use.id !== undefined && call_id === toolUseIdOf(use.id));
  return call === undefined ? undefined : Math.max(0, Date.parse(at) - Date.parse(call.started_at)) / 1000;
}
