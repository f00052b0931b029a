/** Builds events as a producer's pass the door. */
import { v7 } from "uuid";
import type { Event } from "../../../shared/events/event.ts";
import { parseEvent } from "../../../shared/events/parse.ts";

export interface EventFacts {
  readonly id?: string;
  readonly project?: string;
  readonly job?: string;
  readonly data?: object;
  readonly timestamp?: string;
}

export function event(type: string, facts: EventFacts = {}): Event {
  const { id, project = "shop", job = "job-1", data = {}, timestamp } = facts;
  const input = {
    event_id: id,
    event_type: type,
    project_id: project,
    session_id: "main",
    job_id: job,
    data,
    timestamp,
  };
  const source = { component: "test", instance_id: "1" };
  const parsed = parseEvent(JSON.parse(JSON.stringify(input)), { newEventId: v7, nowMs: Date.now, source });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

/** Events that are told apart by their number. */
export function progress(from: number, to: number, facts: EventFacts = {}): Event[] {
  return Array.from({ length: to - from + 1 }, (_, index) =>
    event("job.progress", { ...facts, data: { message: String(from + index) } }),
  );
}

export function question(approval_id: string, facts: EventFacts = {}): Event {
  return event("job.approval_needed", { ...facts, data: { approval_id, scope: "push", action: "git push" } });
}

export function answer(type: "job.approved" | "job.denied", approval_id: string, facts: EventFacts = {}): Event {
  return event(type, { ...facts, data: { approval_id, surface: "api", decided_by: { name: "Ada" } } });
}
