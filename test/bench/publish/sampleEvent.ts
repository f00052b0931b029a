/** Owns the event that is published: what an agent's tool call tells, about 450 bytes of JSON. */
import type { EventOf } from "../../../shared/events/event.ts";

/** The n-th event of a run. `run` (8 hexadecimal digits) keeps the ids of several runs apart. */
export function sampleEvent(run: string, number: number): EventOf<"job.tool_completed"> {
  return {
    event_id: `${run}-0000-7000-8000-${number.toString(16).padStart(12, "0")}`,
    event_type: "job.tool_completed",
    timestamp: new Date(Date.UTC(2026, 10, 1) + number).toISOString(),
    source: { component: "runner", instance_id: "bench" },
    project_id: "televibe",
    session_id: `session-${number % 8}`,
    job_id: `job-${number % 64}`,
    data: {
      tool: "Edit",
      success: true,
      file: "bridge/store/groupCommit.ts",
      summary: `Changed ${number % 97} lines so that one sync pays for all that arrived during the one before it`,
      duration_seconds: 0.25,
    },
    visibility: "public",
    recipients: ["all"],
  };
}
