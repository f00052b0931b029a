/** Owns the specification's mapping of events to messages. Pure. */
import { code, fmt } from "telegraf/format";
import type { EventOf, StoredEvent } from "../../../shared/events/event.ts";
import { isKnownEvent } from "../../../shared/events/known.ts";
import { EMPTY_STATE } from "../../../shared/state/state.ts";
import { toUsage } from "../../../shared/state/usage.ts";
import { formatDuration } from "../../../shared/text/duration.ts";
import { eventLine } from "../../../shared/text/eventLine.ts";
import { count } from "../../../shared/text/jobText.ts";
import { usageText } from "../../../shared/text/usageText.ts";
import type { NotificationKind } from "../chats/audience.ts";
import type { FormattedText } from "../outbox/outboxItem.ts";
import type { Priority } from "../outbox/priority.ts";
import { placeName, sessionName } from "../text/place.ts";
import { literalLine, prose } from "../text/untrusted.ts";

/** An event as a chat is told of it. */
export interface EventNotice {
  readonly kind: NotificationKind;
  /** `batched`: without a sound, together with what else happens in the next moments. Else a message of its own, at once. */
  readonly delivery: "batched" | Extract<Priority, "done" | "error">;
  /** The session (or project) that it belongs to, for grouping and as the group's heading. */
  readonly groupKey: string;
  readonly heading: string;
  /** Alone in a message. */
  readonly message: FormattedText;
  /** As one of several under its heading. */
  readonly line: string;
}

const MAX_INSTRUCTION = 100;
const MAX_SUMMARY = 200;
const MAX_LINE = 120;

const TOLD_DOMAINS = ["job.", "session.", "coordination."];
/** Told by the message with the buttons, which also shows the decision. */
const TOLD_BY_CARD = ["job.approval_needed", "job.approved", "job.denied"];

type How = Pick<EventNotice, "kind" | "delivery">;
const ROUTINE: How = { kind: "other", delivery: "batched" };
const END: How = { kind: "other", delivery: "done" };
const FAILURE: How = { kind: "failure", delivery: "error" };
const ALARM: How = { kind: "other", delivery: "error" };

/**
 * How a chat is told of an event, from nothing but the event itself; undefined for one that is not told as a message: tasks,
 * projects and the orchestrator's own life, and approvals.
 */
export function eventNotice(event: StoredEvent): EventNotice | undefined {
  const { event_type, project_id, session_id } = event;
  if (!TOLD_DOMAINS.some((domain) => event_type.startsWith(domain)) || TOLD_BY_CARD.includes(event_type))
    return undefined;
  const words = wordsOf(event);
  return {
    ...how(event),
    groupKey: JSON.stringify([project_id, session_id]),
    heading: placeName(event),
    line: prose(words, MAX_LINE),
    message: message(event, words),
  };
}

function how(event: StoredEvent): How {
  if (!isKnownEvent(event)) return ROUTINE;
  switch (event.event_type) {
    case "job.completed":
      return event.data.success === false ? FAILURE : END;
    case "job.failed":
    case "session.error":
      return FAILURE;
    case "job.canceled":
      return END;
    case "coordination.conflict_detected":
      return ALARM;
    default:
      return ROUTINE;
  }
}

function message(event: StoredEvent, words: string): FormattedText {
  if (isKnownEvent(event)) {
    switch (event.event_type) {
      case "job.started":
        return { text: `🔧 ${placeName(event)}:\nStarted: ${prose(event.data.instruction, MAX_INSTRUCTION)}` };
      case "job.progress":
        return progress(event);
      case "job.completed":
        return event.data.success === false ? failed(event, event.data.summary ?? "") : completed(event);
      case "job.failed":
        return failed(event, event.data.error);
    }
  }
  return { text: `📋 ${sessionName(event)}: ${prose(words, MAX_SUMMARY)}` };
}

/** As everywhere else, `started: implement login form`, with the type's own word where there are no other words. */
function wordsOf(event: StoredEvent): string {
  const { word, text } = eventLine(event, EMPTY_STATE);
  // Without the picture a job has no name there, and its id says nothing to a person.
  const isId = event.job_id !== null && text.startsWith(event.job_id);
  const said = isId ? text.slice(event.job_id?.length).replace(/^[:·\s]+/, "") : text;
  return said === "" ? word : `${word}: ${said}`;
}

function progress(event: EventOf<"job.progress">): FormattedText {
  const { tool, action, file, message: said, percent, type } = event.data;
  const words = said ?? tool ?? action ?? (file === undefined ? type : undefined) ?? "";
  const parts = [
    `⚙️ ${sessionName(event)}:`,
    ...(percent === undefined ? [] : [` ${Math.round(percent)}%`]),
    ...(words === "" ? [] : [` ${prose(words, MAX_SUMMARY)}`]),
  ];
  const path = literalLine(file ?? "", MAX_SUMMARY);
  return path === "" ? { text: parts.join("") } : formatted([...parts, " ", code(path)]);
}

type Ended = EventOf<"job.completed"> | EventOf<"job.failed">;

function completed(event: EventOf<"job.completed">): FormattedText {
  const summary = prose(event.data.summary ?? "", MAX_SUMMARY);
  const text = [
    `✅ ${placeName(event)}:`,
    summary === "" ? "Completed" : `Completed: ${summary}`,
    `Files changed: ${event.data.files_changed?.length ?? 0}${diffStat(event)}`,
    ...outcome(event),
  ];
  return { text: text.join("\n") };
}

function failed(event: Ended, error: string): FormattedText {
  const why = literalLine(error, MAX_SUMMARY);
  const changed = event.data.files_changed?.length ?? 0;
  const facts = [
    ...(changed === 0 ? [] : [`${count(changed, "file", "files")} changed${diffStat(event)}`]),
    ...outcome(event),
  ];
  return formatted([
    `❌ ${placeName(event)}:\nFailed: `,
    why === "" ? "Unknown error" : code(why),
    ...facts.map((line) => `\n${line}`),
  ]);
}

function diffStat({ data }: Ended): string {
  const { diff_stat, files_changed = [] } = data;
  return diff_stat === undefined || diff_stat === "" || files_changed.length === 0 ? "" : ` (${prose(diff_stat, 40)})`;
}

function outcome({ data }: Ended): string[] {
  const took = data.duration_seconds === undefined ? [] : [`Took ${formatDuration(data.duration_seconds)}`];
  const exit = data.exit_code === undefined || data.exit_code === 0 ? [] : [`exit code ${data.exit_code}`];
  const used = data.usage === undefined ? "" : usageText(toUsage(data.usage));
  const facts = [...took, ...exit, ...(used === "" ? [] : [used])];
  return facts.length === 0 ? [] : [facts.join(" · ")];
}

function formatted(parts: (string | ReturnType<typeof code>)[]): FormattedText {
  const { text, entities } = fmt(parts);
  return entities === undefined ? { text } : { text, entities };
}
