/** Owns which ids the tool calls of jobs have, so that a new call is known as new without a look at each of hundreds. */
import type { Job, State, ToolCall } from "./state.ts";

/** The ids in one list of calls. Whoever makes another list of it brings both up to date. */
export interface ListedIds {
  calls: readonly ToolCall[];
  readonly ids: Set<string>;
}

/** Memory and nothing else: what is known of another list than the job has is gathered anew, so it is never wrong. */
export class CallIds {
  readonly #byJob = new Map<string, ListedIds>();

  of({ job_id, tool_calls }: Job): ListedIds {
    const known = this.#byJob.get(job_id);
    if (known?.calls === tool_calls) return known;
    const listed = { calls: tool_calls, ids: new Set(tool_calls.map(({ call_id }) => call_id)) };
    this.#byJob.set(job_id, listed);
    return listed;
  }

  /** A job that ends or goes seldom uses another tool. */
  forget(job_id: string): void {
    this.#byJob.delete(job_id);
  }
}

/** Each batch hands it on to the next by way of the state between them; it goes with the last state of its line. */
const callIdsAt = new WeakMap<State, CallIds>();

export function callIdsOf(state: State): CallIds {
  return callIdsAt.get(state) ?? new CallIds();
}

export function handOnCallIds(state: State, callIds: CallIds): void {
  callIdsAt.set(state, callIds);
}
