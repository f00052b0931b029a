/** Owns how an event reads in Telegram, and whether it is worth a message, and a sound, of its own. */
import type { KnownEvent } from "../../../shared/events/event.ts";
import { formatDuration } from "../../../shared/text/duration.ts";
import { oneLine } from "../../../shared/text/oneLine.ts";
import type { Priority } from "../outbox/priority.ts";

export interface EventMessage {
  readonly text: string;
  /** `routine` events are gathered for a moment and told together, without a sound. */
  readonly kind: "routine" | "own";
  readonly priority: Priority;
}

const MAX_INSTRUCTION = 100;
const MAX_SUMMARY = 200;

/** What a chat is told; undefined for what is told otherwise (approvals have buttons) or not at all. */
export function eventMessage(event: KnownEvent): EventMessage | undefined {
  const place = placeOf(event);
  switch (event.event_type) {
    case "job.started":
      return routine(`🔧 ${place}:\nStarted: ${oneLine(event.data.instruction, MAX_INSTRUCTION)}`);
    case "job.progress": {
      const { message, tool, action, file, percent } = event.data;
      const words = message ?? [tool, action, file].filter((word) => word !== undefined).join(" ");
      return routine(`⚙️ ${place}: ${percent === undefined ? "" : `${percent}% `}${oneLine(words, MAX_SUMMARY)}`);
    }
    case "job.completed": {
      const { summary, files_changed, duration_seconds, diff_stat } = event.data;
      const facts = [
        `Files changed: ${files_changed?.length ?? 0}${diff_stat ? ` (${oneLine(diff_stat, 40)})` : ""}`,
        ...(duration_seconds === undefined ? [] : [`Took: ${formatDuration(duration_seconds)}`]),
      ];
      return own(`✅ ${place}:\nCompleted: ${oneLine(summary ?? "", MAX_SUMMARY)}\n${facts.join("\n")}`, "done");
    }
    case "job.failed":
      return own(`❌ ${place}:\nFailed: ${oneLine(event.data.error, MAX_SUMMARY)}`, "error");
    case "job.canceled":
      return own(
        `🚫 ${place}:\nCanceled${event.data.reason ? `: ${oneLine(event.data.reason, MAX_SUMMARY)}` : ""}`,
        "done",
      );
    case "session.error":
      return own(`❌ ${place}:\n${oneLine(event.data.error, MAX_SUMMARY)}`, "error");
    case "coordination.conflict_detected":
      return own(`⚠️ ${place}:\nConflict in ${oneLine(event.data.files.join(", "), MAX_SUMMARY)}`, "error");
    case "job.approval_needed":
    case "job.approved":
    case "job.denied":
      return undefined;
    default:
      return routine(`📋 ${place}: ${event.event_type}`);
  }
}

/** `session (project)`, as the specification writes it. */
export function placeOf({ session_id, project_id }: { session_id: string | null; project_id: string }): string {
  const project = oneLine(project_id, 60);
  return session_id === null ? project : `${oneLine(session_id, 60)} (${project})`;
}

function routine(text: string): EventMessage {
  return { text, kind: "routine", priority: "info" };
}

function own(text: string, priority: Priority): EventMessage {
  return { text, kind: "own", priority };
}
