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
  const tool_calls = job.tool_calls.with(index, call);
  takeOverIds(job.tool_calls, tool_calls);
  return { tool_calls, tool_call_count: job.tool_call_count };
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
  const isNew = !idsOf(job.tool_calls).has(call.call_id);
  const index = isNew ? -1 : job.tool_calls.findIndex(({ call_id }) => call_id === call.call_id);
  // Copied once, however long it is: busy agents use tools all the time.
  const tool_calls = isNew ? job.tool_calls.slice(1 - MAX_TOOL_CALLS) : job.tool_calls.toSpliced(index, 1);
  tool_calls.push(call);
  const ids = takeOverIds(job.tool_calls, tool_calls);
  if (isNew && job.tool_calls.length >= MAX_TOOL_CALLS) ids.delete(job.tool_calls[0]?.call_id ?? "");
  ids.add(call.call_id);
  return { tool_calls, tool_call_count: job.tool_call_count + (isNew ? 1 : 0) };
}

/**
 * The ids in a list, so that a new call is known as new without a look at each of hundreds. A list that is made of another
 * takes its ids over; should somebody go on from the other one after all, they are gathered anew.
 */
const knownIds = new WeakMap<readonly ToolCall[], Set<string>>();

function idsOf(calls: readonly ToolCall[]): Set<string> {
  const ids = knownIds.get(calls) ?? new Set(calls.map(({ call_id }) => call_id));
  knownIds.set(calls, ids);
  return ids;
}

function takeOverIds(from: readonly ToolCall[], to: readonly ToolCall[]): Set<string> {
  const ids = idsOf(from);
  knownIds.delete(from);
  knownIds.set(to, ids);
  return ids;
}

function durationOf(call: ToolCall | undefined, end: string): number | null {
  return call === undefined ? null : Math.max(0, Date.parse(end) - Date.parse(call.started_at)) / 1000;
}
