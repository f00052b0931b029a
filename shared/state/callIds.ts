/** Owns which ids the tool calls of jobs have, so that a new call is known as new without a look at each of hundreds. */
import type { Job, State, ToolCall } from "./state.ts";
import { MAX_TOOL_CALLS } from "./toolCall.ts";

/** The ids in one list of calls, and some that have left it: taking each out as it leaves costs more than looking twice. */
export class ListedIds {
  /** Whoever makes another list out of this one puts it here, and adds what is new in it. */
  calls: readonly ToolCall[];
  #older: ReadonlySet<string> = new Set();
  #newer: Set<string>;

  constructor(calls: readonly ToolCall[]) {
    this.calls = calls;
    this.#newer = new Set(calls.map(({ call_id }) => call_id));
  }

  /** No is certain; yes has to be looked at. */
  mayHave(call_id: string): boolean {
    return this.#newer.has(call_id) || this.#older.has(call_id);
  }

  add(call_id: string): void {
    // As many as a list can hold: what comes from now on and these are more than it keeps.
    if (this.#newer.size >= MAX_TOOL_CALLS) {
      this.#older = this.#newer;
      this.#newer = new Set();
    }
    this.#newer.add(call_id);
  }
}

/** A memory, and no part of the state: what it knows of another list than the job has is gathered anew. */
export class CallIds {
  readonly #byJob = new Map<string, ListedIds>();

  of({ job_id, tool_calls }: Job): ListedIds {
    const known = this.#byJob.get(job_id);
    if (known?.calls === tool_calls) return known;
    const listed = new ListedIds(tool_calls);
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
