/** Owns the events that are published: what agents at work tell of their jobs, about 450 bytes of JSON each. */
import type { EventOf } from "../../../shared/events/event.ts";

export type SampleEvent = EventOf<"job.progress" | "job.tool_started" | "job.tool_completed">;

const JOBS = 64;
const FILE = "bridge/store/groupCommit.ts";

/**
 * The n-th event of a run: each of 64 jobs in turn tells that it goes on, begins to use a tool, and has used it. `run` (8
 * hexadecimal digits) keeps the ids of several runs apart.
 */
export function sampleEvent(run: string, number: number): SampleEvent {
  const job = number % JOBS;
  const round = Math.floor(number / JOBS);
  const envelope = {
    event_id: `${run}-0000-7000-8000-${number.toString(16).padStart(12, "0")}`,
    timestamp: new Date(Date.UTC(2026, 10, 1) + number).toISOString(),
    source: { component: "runner", instance_id: "bench" },
    project_id: "televibe",
    session_id: `session-${job % 8}`,
    job_id: `job-${job}`,
    visibility: "public",
    recipients: ["all"],
  } as const;
  const tool_use_id = `tool-use-${Math.floor(round / 3)}`;
  const summary = `Change ${number % 97} lines so that one sync pays for all that arrived during the one before it`;
  switch (round % 3) {
    case 0:
      return { ...envelope, event_type: "job.progress", data: { message: summary, percent: number % 100, file: FILE } };
    case 1:
      return { ...envelope, event_type: "job.tool_started", data: { tool: "Edit", tool_use_id, file: FILE, summary } };
    default:
      return {
        ...envelope,
        event_type: "job.tool_completed",
        data: { tool: "Edit", tool_use_id, success: true, file: FILE, summary, duration_seconds: 0.25 },
      };
  }
}
