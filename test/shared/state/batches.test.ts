/** What the reducer does in place must not show: not in the state that it began with, nor in where one batch ends. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { reduce } from "../../../shared/state/reduce.ts";
import { EMPTY_STATE, type State } from "../../../shared/state/state.ts";
import { MAX_TOOL_CALLS } from "../../../shared/state/toolCall.ts";
import { fromWire, toWire } from "../../../shared/state/wire.ts";
import { type EventFacts, storedEvent } from "../../builders/storedEvent.ts";

const of = (type: string, data: object = {}): EventFacts => ({ type, data });
const ended = { usage: { input_tokens: 3, output_tokens: 2, cost_usd: 0.5 } };

/** Few names, so that events meet. */
const facts: fc.Arbitrary<EventFacts> = fc
  .record({
    event: fc.constantFrom<EventFacts>(
      of("project.registered", { name: "Shop" }),
      of("project.scanned", { summary: "Fine" }),
      of("project.removed"),
      of("session.created", { branch: "main" }),
      of("session.state_changed", { to: "running" }),
      of("session.closed"),
      of("session.error", { error: "Red" }),
      of("job.queued", { branch: "main" }),
      of("job.started", { instruction: "Build" }),
      of("job.progress", { message: "On it" }),
      ...["1", "2", undefined].flatMap((tool_use_id) => [
        of("job.tool_started", { tool: "Edit", tool_use_id }),
        of("job.tool_completed", { tool: "Edit", tool_use_id }),
      ]),
      ...["p", "q"].flatMap((approval_id) => [
        of("job.approval_needed", { approval_id, scope: "s", action: "x" }),
        of("job.approved", { approval_id }),
        of("job.denied", { approval_id }),
      ]),
      of("job.completed", ended),
      of("job.failed", { ...ended, error: "Red" }),
      of("job.canceled"),
      of("task.created", { task_id: "t", title: "Docs" }),
      of("task.completed", { task_id: "t" }),
      of("coordination.message_sent", { message: "Hi" }),
      of("orchestrator.started"),
      of("orchestrator.error", { error: "Red" }),
    ),
    project: fc.constantFrom("shop", "other"),
    session: fc.constantFrom("s1", "s2"),
    job: fc.constantFrom("a", "b"),
  })
  .map(({ event, project, session, job }) => ({
    ...event,
    project,
    session,
    ...(event.type.startsWith("job.") ? { job: `${project}-${job}` } : {}),
  }));

const history = fc.array(facts, { maxLength: 80 }).map((all) => all.map((each, index) => storedEvent(index + 1, each)));

/** So that a write to anything in it throws, or shows in the copy. */
function sealed(state: State): { state: State; copy: State } {
  const copy = structuredClone(state);
  for (const entities of Object.values(toWire(state))) deepFreeze(entities);
  return { state, copy };
}

function deepFreeze(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  Object.freeze(value);
  for (const each of Object.values(value)) deepFreeze(each);
}

it("a batch comes to what its events come to one by one, and leaves the state before it as it was", () => {
  return fc.assert(
    fc.property(history, fc.nat(), (events, place) => {
      const cut = place % (events.length + 1);
      const { state: before, copy } = sealed(reduce(EMPTY_STATE, events.slice(0, cut)).state);
      deepFreeze(events);
      const { state, changes } = reduce(before, events.slice(cut));
      expect(before).toEqual(copy);

      let step = before;
      const changedJobs = new Set<string>();
      for (const event of events.slice(cut)) {
        const next = reduce(sealed(step).state, [event]);
        for (const id of next.changes.jobs) changedJobs.add(id);
        step = next.state;
      }
      expect(state).toEqual(step);
      expect(changes.jobs).toEqual(changedJobs);
      // The same again, from the same state and from one that came over the wire.
      expect(reduce(before, events.slice(cut)).state).toEqual(state);
      const wired = fromWire(before.seq, JSON.parse(JSON.stringify(toWire(before))));
      expect(reduce(wired, events.slice(cut)).state).toEqual(state);
    }),
    { numRuns: 300 },
  );
});

it("what a batch did not change is the same object, and what it changed is another", () => {
  return fc.assert(
    fc.property(history, facts, (events, last) => {
      const before = reduce(EMPTY_STATE, events).state;
      const { state, changes } = reduce(before, [storedEvent(before.seq + 1, last)]);
      for (const kind of ["projects", "sessions", "jobs", "approvals", "tasks", "orchestrators"] as const) {
        for (const [key, entity] of state[kind]) {
          expect(entity !== before[kind].get(key)).toBe(changes[kind].has(key));
        }
      }
      expect(state.notices !== before.notices).toBe(changes.notices);
    }),
    { numRuns: 300 },
  );
});

it("a call that starts again after many others is known, however many have gone since", () => {
  const call = (tool_use_id: string): EventFacts => ({
    type: "job.tool_started",
    job: "j",
    data: { tool: "Edit", tool_use_id },
  });
  for (const between of [0, 1, MAX_TOOL_CALLS - 2, MAX_TOOL_CALLS - 1, MAX_TOOL_CALLS, 2 * MAX_TOOL_CALLS + 1]) {
    const ids = ["first", ...Array.from({ length: between }, (_, index) => String(index)), "first"];
    const events = ids.map((id, index) => storedEvent(index + 1, call(id)));
    const job = reduce(EMPTY_STATE, events).state.jobs.get("j");
    const expected = [...new Set(ids.toReversed())].toReversed().slice(-MAX_TOOL_CALLS);
    expect(job?.tool_calls.map(({ call_id }) => call_id)).toEqual(expected);
    // One that the list has let go counts as another call.
    expect(job?.tool_call_count).toBe(between < MAX_TOOL_CALLS ? between + 1 : between + 2);
  }
});
