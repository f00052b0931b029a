/**
 * Owns what a hook's call comes to: the events that are published for it and the lines that its turn's log gets. Pure: what is
 * known goes in, what is to be done comes out. A job is one turn: from a prompt until its agent stops.
 */
import { hasEnded, type Job } from "../../shared/state/state.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import type { ApprovalRequest } from "./approvalRequest.ts";
import { jobIdOf, taskIdOf, toolUseIdOf } from "./identity.ts";
import type { Meaning } from "./meaning.ts";
import { isAfterEnd, jobOf, type Occasion, runningJobs } from "./occasion.ts";
import { opening, started } from "./openingEvents.ts";
import type { PlannedEvent } from "./plannedEvent.ts";
import {
  cancelLine,
  failureLine,
  noteLine,
  outcomeLines,
  promptLines,
  questionLine,
  textLines,
  toolLine,
} from "./story.ts";
import { runningSeconds, toolCompleted, toolStarted } from "./toolEvents.ts";
import type { TurnOutcome } from "./turnOutcome.ts";

export interface Plan {
  readonly events: readonly PlannedEvent[];
  /** What is told, and in which job's log. */
  readonly story: readonly StoryPart[];
}

export interface StoryPart {
  readonly job_id: string;
  readonly lines: readonly string[];
  /** The job ends with it: all that the agent said before is to be told first. */
  readonly isEnd: boolean;
  /** A text that the transcript has once it has come as far as this; what it says itself is told here and not from there. */
  readonly until: string | undefined;
}

export interface Findings {
  /** What each job that ends now leaves behind. */
  readonly outcomes: ReadonlyMap<string, TurnOutcome>;
  /** What is asked, when something is and can be. */
  readonly request: ApprovalRequest | undefined;
}

const MAX_SUMMARY = 500;

/** What a turn is called whose beginning nobody told us. */
const UNSEEN_PROMPT = "At work since before Televibe looked";

const NO_PLAN: Plan = { events: [], story: [] };

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
        ...supersededJobs(occasion),
        ...(isInterrupted(meaning, occasion) ? runningJobs(occasion).filter((job) => job === jobOf(occasion)) : []),
      ];
    default:
      return beginsTurn(meaning) ? supersededJobs(occasion) : [];
  }
}

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

type TurnMeaning = Extract<Meaning, { kind: "prompted" | "tool_started" | "tool_ended" | "permission_asked" }>;

function beginsTurn(meaning: Meaning): meaning is TurnMeaning {
  return ["prompted", "tool_started", "tool_ended", "permission_asked"].includes(meaning.kind);
}

/** Turns that never said that they stopped, and over which their session has gone. */
function supersededJobs(occasion: Occasion): readonly Job[] {
  const { subagent, at, namedJobId } = occasion;
  if (subagent !== undefined) return [];
  const own = namedJobId ?? (occasion.input["hook_event_name"] === "UserPromptSubmit" ? "" : jobOf(occasion)?.job_id);
  const named = occasion.jobs.find((job) => job.job_id === namedJobId);
  if (named !== undefined && hasEnded(named.state) && !isAfterEnd(occasion, named)) return [];
  return runningJobs(occasion).filter((job) => job.job_id !== own && (job.started_at ?? "") <= at);
}

function sessionEnd(reason: string, occasion: Occasion, findings: Findings): Plan {
  if (occasion.session === undefined || occasion.session.closed_at !== null) return NO_PLAN;
  const canceled = cancellations(runningJobs(occasion), "Its session ended first", findings);
  const closed: PlannedEvent = { event_type: "session.closed", job_id: null, data: { reason } };
  return { events: [...canceled.events, closed], story: canceled.story };
}

function cancellations(jobs: readonly Job[], reason: string, { outcomes }: Findings): Plan {
  return {
    events: jobs.map(({ job_id }) => ({
      event_type: "job.canceled",
      job_id,
      data: { reason, ...outcomes.get(job_id) },
    })),
    story: jobs.map(({ job_id }) => ({ job_id, lines: [cancelLine(reason)], isEnd: true, until: undefined })),
  };
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
  const isUnderWay =
    job !== undefined && (!hasEnded(job.state) || subagent !== undefined || !isAfterEnd(occasion, job));
  if (isUnderWay) return { job_id, job, events: [] };
  const told = meaning.kind === "prompted" ? meaning.prompt.trim() : job?.instruction;
  return { job_id, job, events: [started(job_id, told || UNSEEN_PROMPT, occasion)] };
}

function withinTurn(meaning: TurnMeaning, occasion: Occasion, findings: Findings): Plan {
  const superseded = cancellations(
    supersededJobs(occasion),
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
    until: occasion.subagent === undefined && meaning.kind === "tool_started" ? meaning.use.id : undefined,
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

function isInterrupted(meaning: Extract<Meaning, { kind: "tool_ended" }>, { subagent }: Occasion): boolean {
  return meaning.isInterrupt && subagent === undefined;
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

function turnEnd(
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
  return { events: [...begun, end], story: [{ job_id, lines: story, isEnd: true, until: message || undefined }] };
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

/** The beginning of a message, cut at a word. */
function shorten(message: string): string {
  if (message.length <= MAX_SUMMARY) return message;
  const head = message.slice(0, MAX_SUMMARY);
  const end = head.search(/\s\S*$/);
  return `${head.slice(0, end > MAX_SUMMARY / 2 ? end : MAX_SUMMARY).replace(/[\ud800-\udbff]$/, "")}…`;
}
