/**
 * Owns what a hook's call comes to: the events that are published for it and the lines that its turn's log gets. Pure: what is
 * known goes in, what is to be done comes out. A job is one turn: from a prompt until its agent stops.
 */
import { hasEnded, type Job } from "../../shared/state/state.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { jobIdOf, taskIdOf, toolUseIdOf } from "./identity.ts";
import type { Meaning, TurnMeaning } from "./meaning.ts";
import { isAfterEnd, jobOf, type Occasion } from "./occasion.ts";
import { opening, started, UNSEEN_PROMPT } from "./openingEvents.ts";
import { type Findings, NO_PLAN, type Plan, type PlannedEvent, type StoryPart, type TranscriptMark } from "./plan.ts";
import { noteLine, outcomeLines, promptLines, questionLine, toolLine } from "./story.ts";
import { runningSeconds, toolCompleted, toolStarted } from "./toolEvents.ts";
import type { ToolUse } from "./toolUse.ts";
import { cancellations, endedJobs, isInterrupted, sessionEnd, supersededJobs, turnEnd } from "./turnEnd.ts";

export function plan(meaning: Meaning, occasion: Occasion, findings: Findings): Plan {
  switch (meaning.kind) {
    case "nothing":
      return NO_PLAN;
    case "session_started":
      return { events: opening(occasion, meaning.title), story: [] };
    case "session_ended":
      return sessionEnd(meaning.reason, occasion, findings);
    case "task_created":
    case "task_completed":
      return { events: [...opening(occasion), taskEvent(meaning, occasion)], story: [] };
    case "noted":
    case "subagent_ended":
      return note(meaning.message, occasion);
    case "stopped":
    case "failed":
    case "interrupted":
      return turnEnd(meaning, occasion, findings);
    case "batch_ended":
      return refusals(meaning, occasion);
    default:
      return withinTurn(meaning, occasion, findings);
  }
}

interface Turn {
  readonly job_id: string;
  readonly job: Job | undefined;
  /** What begins it, where it is not under way. */
  readonly events: readonly PlannedEvent[];
}

function turnOf(meaning: TurnMeaning, occasion: Occasion): Turn {
  const { agent, hookId, namedJobId, subagent } = occasion;
  const isPrompt = meaning.kind === "prompted" && subagent === undefined;
  // A prompt without an id is one of its own; anything else belongs to what runs.
  const job = isPrompt && namedJobId === undefined ? undefined : jobOf(occasion);
  const job_id = job?.job_id ?? namedJobId ?? jobIdOf(agent.id, hookId);
  // Delivered once more, the prompt that began it begins it once more: that is the same event.
  const isItsBeginning = isPrompt && job?.started_at === occasion.at;
  const isUnderWay =
    job !== undefined &&
    !isItsBeginning &&
    (!hasEnded(job.state) || subagent !== undefined || !isAfterEnd(occasion, job));
  if (isUnderWay) return { job_id, job, events: [] };
  const told = meaning.kind === "prompted" ? meaning.prompt.trim() : job?.instruction;
  return { job_id, job, events: [started(job_id, told || UNSEEN_PROMPT, occasion)] };
}

function withinTurn(meaning: TurnMeaning, occasion: Occasion, findings: Findings): Plan {
  const superseded = cancellations(
    supersededJobs(meaning, occasion),
    "Interrupted: its session went on with something else",
    findings,
  );
  const turn = turnOf(meaning, occasion);
  const own = ownEvents(meaning, occasion, turn, findings);
  const part: StoryPart = {
    job_id: turn.job_id,
    lines: own.lines.map((line) =>
      occasion.subagent === undefined ? line : `[${oneLine(occasion.subagent, 40)}] ${line}`,
    ),
    isEnd: false,
    until: meaning.kind === "tool_started" ? toolMark(meaning.use, occasion) : undefined,
  };
  const interrupted =
    meaning.kind === "tool_ended" && isInterrupted(meaning, occasion)
      ? cancellations(
          endedJobs(meaning, occasion).filter(({ job_id }) => job_id === turn.job_id),
          "Interrupted by its user",
          findings,
        )
      : NO_PLAN;
  return {
    events: [...opening(occasion), ...superseded.events, ...turn.events, ...own.events, ...interrupted.events],
    story: [...superseded.story, part, ...interrupted.story],
  };
}

/** What a subagent does is in a transcript of its own. */
function toolMark({ id }: ToolUse, { subagent }: Occasion): TranscriptMark | undefined {
  return id === undefined || subagent !== undefined ? undefined : { kind: "tool_use", id };
}

function ownEvents(
  meaning: TurnMeaning,
  occasion: Occasion,
  { job_id, job, events }: Turn,
  { request }: Findings,
): { readonly events: readonly PlannedEvent[]; readonly lines: readonly string[] } {
  switch (meaning.kind) {
    case "prompted":
      return {
        // To a turn that runs, it is one more thing to think of.
        events: events.length > 0 ? [] : [progress(job_id, `Was told: ${oneLine(meaning.prompt, 200)}`)],
        lines: promptLines(meaning.prompt),
      };
    case "tool_started":
      return { events: [toolStarted(job_id, meaning.use, occasion)], lines: [toolLine(meaning.use)] };
    case "tool_ended": {
      const { use, outcome } = meaning;
      const duration = outcome.durationSeconds ?? runningSeconds(job, use, occasion.at);
      return {
        events: [toolCompleted(job_id, use, outcome, occasion)],
        lines: outcomeLines(use, outcome, duration),
      };
    }
    case "permission_asked":
      if (request !== undefined) {
        return {
          events: [{ event_type: "job.approval_needed", job_id, data: request }],
          lines: [questionLine(meaning.use)],
        };
      }
      return {
        events: [progress(job_id, `Asked at its own prompt: ${oneLine(meaning.use.action, 200)}`)],
        lines: [questionLine(meaning.use)],
      };
  }
}

function note(message: string, occasion: Occasion): Plan {
  const job = jobOf(occasion);
  // What is said between turns is of no turn.
  if (job === undefined || hasEnded(job.state)) return NO_PLAN;
  const part = { job_id: job.job_id, lines: [noteLine(message)], isEnd: false, until: undefined };
  return { events: [...opening(occasion), progress(job.job_id, message)], story: [part] };
}

/** Calls that were told to have begun, and of which nothing else will be heard. */
function refusals({ refused }: Extract<Meaning, { kind: "batch_ended" }>, occasion: Occasion): Plan {
  const job = jobOf(occasion);
  const open = refused.filter(({ use }) =>
    job?.tool_calls.some(
      (call) => call.state === "running" && use.id !== undefined && call.call_id === toolUseIdOf(use.id),
    ),
  );
  if (job === undefined || open.length === 0) return NO_PLAN;
  const ends = open.map(({ use, error }) => ({ use, outcome: { isSuccess: false, error, changedPaths: [] } }));
  return {
    events: ends.map(({ use, outcome }) => toolCompleted(job.job_id, use, outcome, occasion)),
    story: ends.map(({ use, outcome }) => ({
      job_id: job.job_id,
      lines: outcomeLines(use, outcome, undefined),
      isEnd: false,
      until: undefined,
    })),
  };
}

function progress(job_id: string, message: string): PlannedEvent {
  return { event_type: "job.progress", job_id, data: { message } };
}

function taskEvent(
  meaning: Extract<Meaning, { kind: "task_created" | "task_completed" }>,
  { sessionId }: Occasion,
): PlannedEvent {
  const task_id = taskIdOf(sessionId, meaning.taskId);
  if (meaning.kind === "task_completed") return { event_type: "task.completed", job_id: null, data: { task_id } };
  const { title, description } = meaning;
  const data = { task_id, title, ...(description === undefined ? {} : { description }) };
  return { event_type: "task.created", job_id: null, data };
}
