import { describe, expect, it } from "vitest";
import { MAX_NOTICES } from "../../../shared/state/notice.ts";
import {
  MAX_CLOSED_SESSIONS,
  MAX_COMPLETED_TASKS,
  MAX_ENDED_JOBS,
  MAX_RESTING_SESSIONS,
} from "../../../shared/state/prune.ts";
import { reduce } from "../../../shared/state/reduce.ts";
import { EMPTY_STATE, sessionKey } from "../../../shared/state/state.ts";
import { fromWire, toWire } from "../../../shared/state/wire.ts";
import { type EventFacts, stateAfter, storedEvent } from "../../builders/storedEvent.ts";

const lives: readonly EventFacts[] = [
  { type: "project.registered", data: { name: "Shop" } },
  { type: "session.created" },
  { type: "job.started", job: "a", data: { instruction: "x" } },
  { type: "job.tool_started", job: "a", data: { tool: "Edit" } },
  { type: "job.approval_needed", job: "a", data: { approval_id: "q", scope: "s", action: "x" } },
  { type: "task.created", data: { task_id: "t", title: "T" } },
  { type: "coordination.message_sent", data: { message: "Hi" } },
  { type: "orchestrator.started" },
  { type: "job.approved", job: "a", data: {} },
  { type: "job.tool_completed", job: "a", data: { tool: "Edit" } },
  { type: "job.completed", job: "a", data: {} },
  { type: "session.closed" },
];
const events = lives.map((facts, index) => storedEvent(index + 1, facts));
const whole = reduce(EMPTY_STATE, events).state;

describe("An overlap between a snapshot and a stream", () => {
  it("does no harm, wherever the two meet", () => {
    for (let cut = 0; cut <= events.length; cut += 1) {
      for (let back = 0; back <= cut; back += 1) {
        const snapshot = reduce(EMPTY_STATE, events.slice(0, cut)).state;
        expect(reduce(snapshot, events.slice(cut - back)).state).toEqual(whole);
      }
    }
  });

  it("changes nothing, not even an object, when all of it is known", () => {
    const { state, changes } = reduce(whole, events);
    expect(state.jobs).toBe(whole.jobs);
    expect(state.notices).toBe(whole.notices);
    expect([...changes.jobs, ...changes.projects, ...changes.sessions, ...changes.approvals]).toEqual([]);
    expect(changes.notices).toBe(false);
  });
});

it("a state crosses the wire unchanged", () => {
  expect(fromWire(whole.seq, JSON.parse(JSON.stringify(toWire(whole))))).toEqual(whole);
});

it("a batch says what it changed, and leaves the rest as it is", () => {
  const before = stateAfter([
    { type: "job.queued", job: "a" },
    { type: "job.queued", job: "b" },
  ]);
  const { state, changes } = reduce(before, [
    storedEvent(3, { type: "job.approval_needed", job: "b", data: { approval_id: "q", scope: "s", action: "x" } }),
  ]);
  expect(changes.jobs).toEqual(new Set(["b"]));
  expect(changes.approvals).toEqual(new Set(["q"]));
  expect(changes.sessions).toEqual(new Set([sessionKey("shop", "s1")]));
  expect(state.jobs.get("a")).toBe(before.jobs.get("a"));
  expect(state.tasks).toBe(before.tasks);
  expect(before.approvals.size).toBe(0);
});

describe("What has ended is let go past a bound, the oldest first", () => {
  const many = <T>(count: number, of: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, index) => of(index));

  it("jobs, with their approvals, and none that runs", () => {
    const state = stateAfter([
      { type: "job.started", job: "running", data: { instruction: "x" } },
      { type: "job.approval_needed", job: "job-0", data: { approval_id: "q", scope: "s", action: "x" } },
      ...many(MAX_ENDED_JOBS + 3, (index) => ({ type: "job.failed", job: `job-${index}`, data: { error: "x" } })),
      { type: "job.completed", job: "elsewhere", project: "other" },
    ]);
    expect(state.jobs.size).toBe(MAX_ENDED_JOBS + 2);
    expect(["running", "elsewhere", "job-3"].every((id) => state.jobs.has(id))).toBe(true);
    expect(["job-0", "job-1", "job-2"].some((id) => state.jobs.has(id))).toBe(false);
    expect(state.approvals.size).toBe(0);
  });

  it("sessions", () => {
    const closed = many(MAX_CLOSED_SESSIONS + 2, (index) => ({ type: "session.closed", session: `s-${index}` }));
    const state = stateAfter([{ type: "session.created", session: "open" }, ...closed]);
    expect(state.sessions.size).toBe(MAX_CLOSED_SESSIONS + 1);
    expect(state.sessions.has(sessionKey("shop", "open"))).toBe(true);
    expect(state.sessions.has(sessionKey("shop", "s-1"))).toBe(false);
  });

  it("sessions at rest, and none whose jobs are still there", () => {
    const facts = many(MAX_ENDED_JOBS + MAX_RESTING_SESSIONS + 5, (index) => [
      { type: "job.started", session: `s-${index}`, job: `job-${index}`, data: { instruction: "x" } },
      { type: "job.completed", session: `s-${index}`, job: `job-${index}` },
    ]);
    const running = { type: "job.started", session: "busy", job: "busy", data: { instruction: "x" } };
    const state = stateAfter([running, ...facts.flat()]);
    expect(state.sessions.size).toBe(MAX_ENDED_JOBS + MAX_RESTING_SESSIONS + 1);
    expect(["busy", "s-5"].every((id) => state.sessions.has(sessionKey("shop", id)))).toBe(true);
    expect(state.sessions.has(sessionKey("shop", "s-4"))).toBe(false);
  });

  it("tasks", () => {
    const done = many(MAX_COMPLETED_TASKS + 2, (index) => ({
      type: "task.completed",
      data: { task_id: `t-${index}` },
    }));
    const state = stateAfter([{ type: "task.created", data: { task_id: "open", title: "Open" } }, ...done]);
    expect(state.tasks.size).toBe(MAX_COMPLETED_TASKS + 1);
    expect([...state.tasks.values()].some(({ task_id }) => task_id === "open")).toBe(true);
  });

  it("notices", () => {
    const sent = many(MAX_NOTICES + 2, (index) => ({
      type: "coordination.message_sent",
      data: { message: String(index) },
    }));
    const { notices } = stateAfter(sent);
    expect(notices).toHaveLength(MAX_NOTICES);
    expect(notices[0]?.seq).toBe(3);
  });
});

describe("A project that is removed", () => {
  it("takes with it all that is its, and nothing else", () => {
    const both = ["shop", "other"].flatMap((project) =>
      lives.map((facts) => ({
        ...facts,
        project,
        ...(facts.job === undefined ? {} : { job: `${project}-job` }),
        ...(facts.type === "job.approval_needed" ? { data: { ...facts.data, approval_id: `${project}-q` } } : {}),
      })),
    );
    const state = stateAfter([...both, { type: "project.removed", session: null }]);
    const wire = toWire(state);
    for (const kind of ["projects", "sessions", "jobs", "approvals", "tasks", "orchestrators", "notices"] as const)
      expect(wire[kind].map(({ project_id }) => project_id)).toEqual(["other"]);
  });
});

it("a session that was closed is opened again by its next life", () => {
  const session = (...facts: EventFacts[]) => stateAfter(facts).sessions.get(sessionKey("shop", "s1"));
  const closed: EventFacts = { type: "session.closed" };
  expect(session(closed, { type: "session.created" })).toMatchObject({ state: "idle", closed_at: null });
  expect(session(closed, { type: "session.state_changed", data: { to: "running" } })).toMatchObject({
    state: "running",
    closed_at: null,
  });
});

it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("%s is a name like any other", (id) => {
  const before = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
  const facts = [
    { type: "session.created" },
    { type: "task.created", data: { task_id: id, title: "T" } },
    { type: "job.approval_needed", job: "j", data: { approval_id: id, scope: "s", action: "x" } },
    { type: "job.approved", job: "j", data: { approval_id: id } },
    { type: "job.progress", job: "j", data: JSON.parse(`{"${id}": {"polluted": true}, "message": "m"}`) },
  ].map((each) => ({ ...each, project: id, session: id }));
  const state = stateAfter(facts);
  expect(state.projects.get(id)?.project_id).toBe(id);
  expect(state.sessions.get(sessionKey(id, id))?.session_id).toBe(id);
  expect(state.approvals.get(id)?.state).toBe("approved");
  expect([...state.tasks.values()].map(({ task_id }) => task_id)).toEqual([id]);
  expect(fromWire(state.seq, JSON.parse(JSON.stringify(toWire(state))))).toEqual(state);
  expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype))).toBe(before);
  expect({}).not.toHaveProperty("polluted");
});

it("two names never share a key", () => {
  const state = stateAfter([
    { type: "session.created", project: "a/b", session: "c" },
    { type: "session.created", project: "a", session: "b/c" },
  ]);
  expect(state.sessions.size).toBe(2);
});
