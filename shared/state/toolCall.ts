/** Owns how tool calls start and end, and which completion belongs to which start. */
import type { EventOf } from "../events/event.ts";
import type { Draft, Own } from "./draft.ts";
import type { Job, ToolCall } from "./state.ts";

/** Most tool calls kept a job; older ones are counted, and stay in the store. */
export const MAX_TOOL_CALLS = 200;

/** Most kept of one that has ended: there may be thousands of those. */
export const MAX_TOOL_CALLS_ENDED = 50;

type Started = EventOf<"job.tool_started">;
type Completed = EventOf<"job.tool_completed">;

export function startToolCall(draft: Draft, job: Own<Job>, event: Started): void {
  const { tool, tool_use_id, file, summary } = event.data;
  append(draft, job, {
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

export function completeToolCall(draft: Draft, job: Own<Job>, event: Completed): void {
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
  if (known === undefined) {
    append(draft, job, call);
    return;
  }
  const listed = draft.callIds.of(job);
  listed.calls = job.tool_calls = job.tool_calls.with(index, call);
}

/** What is kept of a job's tool calls once it has ended: none of them runs on. */
export function endToolCalls(draft: Draft, job: Own<Job>, timestamp: string): void {
  draft.callIds.forget(job.job_id);
  job.tool_calls = job.tool_calls
    .slice(-MAX_TOOL_CALLS_ENDED)
    .map((call) =>
      call.state === "running" ? { ...call, state: "failed", ended_at: timestamp, error: "The job ended first" } : call,
    );
}

function append(draft: Draft, job: Own<Job>, call: ToolCall): void {
  const listed = draft.callIds.of(job);
  const index = listed.mayHave(call.call_id) ? job.tool_calls.findIndex(({ call_id }) => call_id === call.call_id) : -1;
  // Neither grown nor copied a second time, however long it is: busy agents use tools all the time.
  const tool_calls = job.tool_calls.toSpliced(job.tool_calls.length, 0, call);
  if (index >= 0) {
    tool_calls.splice(index, 1);
  } else {
    job.tool_call_count += 1;
    if (tool_calls.length > MAX_TOOL_CALLS) tool_calls.shift();
  }
  listed.add(call.call_id);
  listed.calls = job.tool_calls = tool_calls;
}

function durationOf(call: ToolCall | undefined, end: string): number | null {
  return call === undefined ? null : Math.max(0, Date.parse(end) - Date.parse(call.started_at)) / 1000;
}
