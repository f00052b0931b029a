/** A session's state: what its jobs do, unless its producer has a word of its own. */
import { describe, expect, it } from "vitest";
import { sessionKey } from "../../../shared/state/state.ts";
import { type EventFacts, stateAfter } from "../../builders/storedEvent.ts";

const started = (job: string): EventFacts => ({
  type: "job.started",
  session: "main",
  job,
  data: { instruction: "build" },
});
const asks: EventFacts = {
  type: "job.approval_needed",
  session: "main",
  job: "a",
  data: { approval_id: "q", scope: "s", action: "x" },
};
const approved: EventFacts = { type: "job.approved", session: "main", job: "a", data: { approval_id: "q" } };
const ended = (job: string): EventFacts => ({ type: "job.completed", session: "main", job, data: {} });
const says = (to: string): EventFacts => ({ type: "session.state_changed", session: "main", data: { to } });

describe("A session's state", () => {
  it.each<{ what: string; facts: readonly EventFacts[]; state: string }>([
    { what: "with no job", facts: [{ type: "session.created", session: "main", data: {} }], state: "idle" },
    { what: "with a job that runs", facts: [started("a")], state: "running" },
    { what: "with one that waits beside it", facts: [started("a"), started("b"), asks], state: "waiting" },
    { what: "once it was answered", facts: [started("a"), asks, approved], state: "running" },
    { what: "when one of two has ended", facts: [started("a"), started("b"), ended("a")], state: "running" },
    { what: "when all have ended", facts: [started("a"), ended("a")], state: "idle" },
    { what: "that its producer paused", facts: [says("paused"), started("a")], state: "paused" },
    {
      what: "that is closed",
      facts: [started("a"), { type: "session.closed", session: "main", data: {} }, ended("a")],
      state: "closed",
    },
  ])("$what is $state", ({ facts, state }) => {
    const after = stateAfter(facts);
    const [session] = [...after.sessions.values()];
    expect(session?.state).toBe(state);
    expect(after.sessions.get(sessionKey(session?.project_id ?? "", "main"))).toBe(session);
  });
});
