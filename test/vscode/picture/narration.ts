/** Owns telling a bridge what is supposed to have happened some minutes ago, as a producer would have. */
import { randomUUID } from "node:crypto";
import type { EventInput } from "../../../shared/events/event.ts";
import type { EventType, Payload } from "../../../shared/events/taxonomy.ts";

const MINUTE_MS = 60_000;

interface Place {
  readonly project_id: string;
  readonly session_id?: string;
  readonly job_id?: string;
}

/** Something that happens in a place, so many minutes before now. */
export type Tell = <T extends EventType>(minutesAgo: number, event_type: T, data: Payload<T>) => EventInput;

export function happeningIn(place: Place): Tell {
  return (minutesAgo, event_type, data) => ({
    ...place,
    event_type,
    timestamp: new Date(Date.now() - minutesAgo * MINUTE_MS).toISOString(),
    data: { ...data },
  });
}

/** A tool's use from its beginning to its end. */
export function toolUse(
  tell: Tell,
  minutesAgo: number,
  facts: Pick<Payload<"job.tool_completed">, "tool" | "file" | "summary" | "diff_stat">,
  duration_seconds: number,
): readonly EventInput[] {
  const { diff_stat: _, ...asked } = facts;
  const tool_use_id = randomUUID();
  return [
    tell(minutesAgo, "job.tool_started", { ...asked, tool_use_id }),
    tell(minutesAgo - duration_seconds / 60, "job.tool_completed", {
      ...facts,
      tool_use_id,
      success: true,
      duration_seconds,
    }),
  ];
}
