/** Owns how one event reads in one line: what a replay and a followed stream print, on every surface. */
import type { EventOf, KnownEvent, StoredEvent } from "../events/event.ts";
import { isKnownEvent } from "../events/known.ts";
import { describeDecision } from "../protocol/approval.ts";
import { type Job, type State, sessionKey, taskKey } from "../state/state.ts";
import { formatDuration } from "./duration.ts";
import { jobName, jobOutcome } from "./jobText.ts";
import { oneLine } from "./oneLine.ts";
import { spellOut } from "./spellOut.ts";

export interface EventLine {
  /** When it happened: RFC 3339. */
  readonly at: string;
  /** One character. */
  readonly mark: string;
  /** What happened, in a word or two. */
  readonly word: string;
  /** Whose it is: `shop / main`. */
  readonly place: string;
  /** The rest, on one line; may be empty. */
  readonly text: string;
}

type Said = readonly [mark: string, word: string, text?: string | undefined];

/** Longest text of a line. */
const MAX_TEXT = 160;
/** Longest text of a call that failed, so that there is room for why. */
const MAX_FAILED_CALL = 80;
/** Longest word: a state may be any that its producer chose. */
const MAX_WORD = 40;
/** Columns of the word, so that what follows stands in line. */
const WORD_WIDTH = 11;

/** @param state the picture with the event in it: it knows the names of what the event only points at. */
export function eventLine(event: StoredEvent, state: State): EventLine {
  const [mark, word, text = ""] = isKnownEvent(event) ? say(event, state) : (["•", event.event_type] as const);
  return {
    at: event.timestamp,
    mark,
    word: oneLine(word, MAX_WORD),
    place: placeOf(event, state),
    text: oneLine(text, MAX_TEXT),
  };
}

/** The line as plain text, columns in line. */
export function formatEventLine({ mark, word, place, text }: EventLine, time: string): string {
  return `${time}  ${mark} ${word.padEnd(WORD_WIDTH)}  ${text === "" ? place : `${place}: ${text}`}`;
}

function say(event: KnownEvent, state: State): Said {
  switch (event.event_type) {
    case "orchestrator.started":
      return ["▶", "up", "The orchestrator started"];
    case "orchestrator.stopped":
      return ["■", "down", phrase("The orchestrator stopped", event.data.reason)];
    case "orchestrator.error":
      return ["✗", "error", phrase("The orchestrator", event.data.error)];
    case "project.registered":
      return ["+", "project", event.data.path ?? "Registered"];
    case "project.removed":
      return ["−", "project", phrase("Removed", event.data.reason)];
    case "project.scanned":
      return ["•", "scanned", event.data.summary];
    case "session.created":
      return ["+", "session", event.data.workspace ?? event.data.branch];
    case "session.state_changed":
      return ["•", event.data.to, event.data.from === undefined ? "" : `was ${event.data.from}`];
    case "session.workspace_ready":
      return ["•", "workspace", event.data.workspace];
    case "session.closed":
      return ["■", "closed", event.data.reason];
    case "session.error":
      return ["✗", "error", event.data.error];
    case "task.created":
      return ["+", "task", event.data.title];
    case "task.claimed":
      return ["•", "claimed", taskTitle(event, state)];
    case "task.status_changed":
      return ["•", event.data.to, taskTitle(event, state)];
    case "task.completed":
      return ["✓", "task done", phrase(taskTitle(event, state), event.data.summary)];
    case "coordination.message_sent":
      return ["✉", "message", phrase(`to ${event.data.to_session ?? "everyone"}`, event.data.message)];
    case "coordination.export_declared":
      return ["⇢", "exports", event.data.name];
    case "coordination.conflict_detected":
      return ["!", "conflict", event.data.description ?? event.data.files.join(", ")];
    case "coordination.sync_point_reached":
      return ["=", "in step", event.data.name];
    default:
      return sayJob(event, state);
  }
}

type JobEvent = Extract<KnownEvent, { event_type: `job.${string}` }>;

function sayJob(event: JobEvent, state: State): Said {
  const job = state.jobs.get(event.job_id ?? "");
  const name = job === undefined ? (event.job_id ?? "") : jobName(job);
  const outcome = job === undefined ? [] : jobOutcome(job);
  switch (event.event_type) {
    case "job.queued":
      return ["◌", "queued", event.data.instruction ?? name];
    case "job.started":
      return ["▶", "started", event.data.instruction];
    case "job.progress": {
      const { message, tool, action, file, percent } = event.data;
      const words = message ?? [tool, action, file].filter((word) => word !== undefined).join(" ");
      return ["·", "progress", percent === undefined ? words : `${percent}% ${words}`];
    }
    case "job.tool_started":
      return ["→", "tool", phrase(event.data.tool, event.data.summary ?? event.data.file)];
    case "job.tool_completed":
      return sayToolEnd(event, job);
    case "job.approval_needed":
      return ["?", "asks", spellOut(`${event.data.action} (${event.data.scope})`)];
    case "job.approved":
    case "job.denied":
      return sayDecision(event, state, name);
    case "job.completed":
      return event.data.success === false
        ? ["✗", "failed", [name, ...outcome].join(" · ")]
        : ["✓", "completed", [name, ...outcome].join(" · ")];
    case "job.failed":
      return ["✗", "failed", [name, ...outcome, event.data.error].join(" · ")];
    case "job.canceled":
      return ["⊘", "canceled", phrase([name, ...outcome].join(" · "), event.data.reason)];
  }
}

function sayToolEnd({ data, timestamp }: EventOf<"job.tool_completed">, job: Job | undefined): Said {
  const hasFailed = data.success === false || data.error !== undefined;
  // Some agents say what a call is when it starts, and when it ends only that it did.
  const call = job?.tool_calls.findLast(({ call_id, tool, ended_at }) =>
    data.tool_use_id === undefined ? tool === data.tool && ended_at === timestamp : call_id === data.tool_use_id,
  );
  const what = data.summary ?? data.file ?? call?.summary ?? call?.file ?? undefined;
  const facts = [
    what === undefined || data.error === undefined
      ? phrase(data.tool, what ?? data.error)
      : `${phrase(data.tool, oneLine(what, MAX_FAILED_CALL))} · ${data.error}`,
    ...(data.duration_seconds === undefined ? [] : [formatDuration(data.duration_seconds)]),
    ...(data.diff_stat === undefined ? [] : [data.diff_stat]),
  ];
  return hasFailed ? ["✗", "tool failed", facts.join(" · ")] : ["✓", "tool done", facts.join(" · ")];
}

function sayDecision(event: EventOf<"job.approved"> | EventOf<"job.denied">, state: State, name: string): Said {
  const approval = state.approvals.get(event.data.approval_id ?? "");
  const text = approval === undefined ? name : phrase(spellOut(approval.action), describeDecision(approval));
  if (event.event_type === "job.approved") return ["✓", "approved", text];
  return ["✗", event.data.outcome ?? "denied", text];
}

function taskTitle(event: { project_id: string; data: { task_id: string } }, state: State): string {
  return state.tasks.get(taskKey(event.project_id, event.data.task_id))?.title ?? event.data.task_id;
}

function placeOf({ project_id, session_id }: StoredEvent, state: State): string {
  const project = state.projects.get(project_id)?.name ?? project_id;
  if (session_id === null) return oneLine(project, 40);
  const session = state.sessions.get(sessionKey(project_id, session_id))?.name ?? session_id;
  return `${oneLine(project, 40)} / ${oneLine(session, 40)}`;
}

/** `what`, or `what: more`. */
function phrase(what: string, more: string | undefined): string {
  return more === undefined || more === "" ? what : `${what}: ${more}`;
}
