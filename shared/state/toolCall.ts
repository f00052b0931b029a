/** Owns how tool calls start and end, and which completion belongs to which start. */
import type { EventOf } from "../events/event.ts";
import type { Job, ToolCall } from "./state.ts";

/** Most tool calls kept a job; older ones are counted, and stay in the store. */
export const MAX_TOOL_CALLS = 200;

/** Most kept of one that has ended: there may be thousands of those. */
export const MAX_TOOL_CALLS_ENDED = 50;

type Started = EventOf<"job.tool_started">;
type Completed = EventOf<"job.tool_completed">;

export function startToolCall(job: Job, event: Started): Pick<Job, "tool_calls" | "tool_call_count"> {
  const { tool, tool_use_id, file, summary } = event.data;
  return append(job, {
    call_id: tool_use_id ?? event.event_id,
    tool,
    file: file ?? null,
    summary: summary ?? null,
    state: "running",
    error: null,
    diff_stat: null,
    started_at: event.timestamp,
    ended_at: null,
    duration_seconds: null,
  });
}

export function completeToolCall(job: Job, event: Completed): Pick<Job, "tool_calls" | "tool_call_count"> {
  const { data, timestamp } = event;
  const index = job.tool_calls.findLastIndex((call) =>
    data.tool_use_id === undefined
      ? call.tool === data.tool && call.state === "running"
      : call.call_id === data.tool_use_id,
  );
  const known = job.tool_calls[index];
  const failed = data.success === false || data.error !== undefined;
  const call: ToolCall = {
    call_id: known?.call_id ?? data.tool_use_id ?? event.event_id,
    tool: data.tool,
    file: data.file ?? known?.file ?? null,
    summary: data.summary ?? known?.summary ?? null,
    state: failed ? "failed" : "succeeded",
    error: data.error ?? null,
    diff_stat: data.diff_stat ?? null,
    started_at: known?.started_at ?? timestamp,
    ended_at: timestamp,
    duration_seconds: data.duration_seconds ?? durationOf(known, timestamp),
  };
  if (known === undefined) return append(job, call);
  return { tool_calls: job.tool_calls.with(index, call), tool_call_count: job.tool_call_count };
}

/** What is kept of a job's tool calls once it has ended: none of them runs on. */
export function endToolCalls(job: Job, timestamp: string): readonly ToolCall[] {
  return job.tool_calls
    .slice(-MAX_TOOL_CALLS_ENDED)
    .map((call) =>
      call.state === "running" ? { ...call, state: "failed", ended_at: timestamp, error: "The job ended first" } : call,
    );
}

function append(job: Job, call: ToolCall): Pick<Job, "tool_calls" | "tool_call_count"> {
  const index = job.tool_calls.findIndex(({ call_id }) => call_id === call.call_id);
  // Copied once, however long it is: busy agents use tools all the time.
  const others = index === -1 ? job.tool_calls.slice(1 - MAX_TOOL_CALLS) : job.tool_calls.toSpliced(index, 1);
  others.push(call);
  return { tool_calls: others, tool_call_count: job.tool_call_count + (index === -1 ? 1 : 0) };
}

function durationOf(call: ToolCall | undefined, end: string): number | null {
  return call === undefined ? null : Math.max(0, Date.parse(end) - Date.parse(call.started_at)) / 1000;
}
