/** Owns how turns end: by their own word, with their session, or because their session went on with something else. */
import { hasEnded, type Job } from "../../shared/state/state.ts";
import { beginsTurn, type Meaning, type TurnMeaning } from "./meaning.ts";
import { isAfterEnd, jobOf, type Occasion, runningJobs } from "./occasion.ts";
import { opening, started, UNSEEN_PROMPT } from "./openingEvents.ts";
import { type Findings, NO_PLAN, type Plan, type PlannedEvent } from "./plan.ts";
import { cancelLine, failureLine, textLines } from "./story.ts";

const MAX_SUMMARY = 500;

/** The jobs that this call ends, all of them or none: their outcomes are wanted for the plan. */
export function endedJobs(meaning: Meaning, occasion: Occasion): readonly Job[] {
  switch (meaning.kind) {
    case "session_ended":
      return runningJobs(occasion);
    case "stopped":
    case "failed":
    case "interrupted":
      return runningJobs(occasion).filter((job) => job.job_id === jobOf(occasion)?.job_id);
    case "tool_ended":
      return [
        ...supersededJobs(meaning, occasion),
        ...(isInterrupted(meaning, occasion) ? runningJobs(occasion).filter((job) => job === jobOf(occasion)) : []),
      ];
    default:
      return beginsTurn(meaning) ? supersededJobs(meaning, occasion) : [];
  }
}

/** Turns that never said that they stopped, and over which their session has gone. */
export function supersededJobs(meaning: TurnMeaning, occasion: Occasion): readonly Job[] {
  const { subagent, at, namedJobId } = occasion;
  if (subagent !== undefined) return [];
  const own = namedJobId ?? (meaning.kind === "prompted" ? "" : jobOf(occasion)?.job_id);
  const named = occasion.jobs.find((job) => job.job_id === namedJobId);
  if (named !== undefined && hasEnded(named.state) && !isAfterEnd(occasion, named)) return [];
  return runningJobs(occasion).filter((job) => job.job_id !== own && (job.started_at ?? "") <= at);
}

export function sessionEnd(reason: string, occasion: Occasion, findings: Findings): Plan {
  if (occasion.session === undefined || occasion.session.closed_at !== null) return NO_PLAN;
  const canceled = cancellations(runningJobs(occasion), "Its session ended first", findings);
  const closed: PlannedEvent = { event_type: "session.closed", job_id: null, data: { reason } };
  return { events: [...canceled.events, closed], story: canceled.story };
}

export function cancellations(jobs: readonly Job[], reason: string, { outcomes }: Findings): Plan {
  return {
    events: jobs.map(({ job_id }) => ({
      event_type: "job.canceled",
      job_id,
      data: { reason, ...outcomes.get(job_id) },
    })),
    story: jobs.map(({ job_id }) => ({ job_id, lines: [cancelLine(reason)], isEnd: true, until: undefined })),
  };
}

export function isInterrupted(meaning: Extract<Meaning, { kind: "tool_ended" }>, { subagent }: Occasion): boolean {
  return meaning.isInterrupt && subagent === undefined;
}

export function turnEnd(
  meaning: Extract<Meaning, { kind: "stopped" | "failed" | "interrupted" }>,
  occasion: Occasion,
  findings: Findings,
): Plan {
  const { namedJobId, subagent } = occasion;
  if (subagent !== undefined) return NO_PLAN;
  const job = jobOf(occasion);
  const job_id = job?.job_id ?? namedJobId;
  if (job_id === undefined || (job !== undefined && hasEnded(job.state))) return NO_PLAN;
  if (meaning.kind === "interrupted") {
    return job === undefined ? NO_PLAN : cancellations([job], "Interrupted by its user", findings);
  }
  const outcome = findings.outcomes.get(job_id);
  const message = meaning.message?.trim() ?? "";
  const summary = message === "" ? {} : { summary: shorten(message) };
  const lines = message === "" ? [] : textLines(message);
  const begun =
    job === undefined ? [...opening(occasion), started(job_id, UNSEEN_PROMPT, occasion)] : opening(occasion);
  const end: PlannedEvent =
    meaning.kind === "stopped"
      ? { event_type: "job.completed", job_id, data: { ...summary, ...outcome } }
      : { event_type: "job.failed", job_id, data: { error: meaning.error, ...outcome } };
  const story = meaning.kind === "failed" ? [...lines, failureLine(meaning.error)] : lines;
  return {
    events: [...begun, end],
    story: [
      { job_id, lines: story, isEnd: true, until: message === "" ? undefined : { kind: "message", text: message } },
    ],
  };
}

/** The beginning of a message, cut at a word. */
function shorten(message: string): string {
  if (message.length <= MAX_SUMMARY) return message;
  const head = message.slice(0, MAX_SUMMARY);
  const end = head.search(/\s\S*$/);
  return `${head.slice(0, end > MAX_SUMMARY / 2 ? end : MAX_SUMMARY).replace(/[\ud800-\udbff]$/, "")}…`;
}
