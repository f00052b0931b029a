import { describe, expect, it } from "vitest";
import { describeDecision } from "../../../shared/protocol/approval.ts";
import { sessionKey } from "../../../shared/state/state.ts";
import { type EventFacts, stateAfter } from "../../builders/storedEvent.ts";

const started = (job: string): EventFacts => ({ type: "job.started", job, data: { instruction: "Build" } });
const ended = (job: string, usage?: object): EventFacts => ({
  type: "job.completed",
  job,
  data: usage === undefined ? {} : { usage },
});
const usageAfter = (facts: readonly EventFacts[]) => stateAfter(facts).sessions.get(sessionKey("shop", "s1"))?.usage;

describe("what models used", () => {
  it("is told a job, and added up a session", () => {
    const facts = [
      started("a"),
      ended("a", { input_tokens: 10, output_tokens: 2, cost_usd: 0.5 }),
      started("b"),
      ended("b", { input_tokens: 5, cache_read_tokens: 7, cache_write_tokens: 3 }),
    ];
    expect(stateAfter(facts).jobs.get("b")?.usage).toEqual({
      ...{ input_tokens: 5, output_tokens: 0, cache_read_tokens: 7, cache_write_tokens: 3, cost_usd: null },
    });
    expect(usageAfter(facts)).toEqual({
      ...{ input_tokens: 15, output_tokens: 2, cache_read_tokens: 7, cache_write_tokens: 3, cost_usd: 0.5 },
    });
  });

  it("is unknown where nobody tells it", () => {
    expect(usageAfter([started("a"), ended("a")])).toBeNull();
  });

  it("is counted once for a job that is told to have ended twice", () => {
    const end = ended("a", { input_tokens: 10, cost_usd: 0.5 });
    expect(usageAfter([started("a"), end, end])).toMatchObject({ input_tokens: 10, cost_usd: 0.5 });
  });
});

describe("a decision for more than one question", () => {
  const asked: EventFacts = {
    type: "job.approval_needed",
    job: "a",
    data: {
      approval_id: "q",
      scope: "command",
      action: "npm test",
      on_timeout: "approve",
      offers: [{ remember: "always", text: "allow npm test" }],
    },
  };
  const after = (type: string, data: object) => stateAfter([asked, { type, job: "a", data }]).approvals.get("q");

  it("has its offers, and what no answer comes to", () => {
    expect(stateAfter([asked]).approvals.get("q")).toMatchObject({
      on_timeout: "approve",
      offers: [{ remember: "always", text: "allow npm test" }],
    });
  });

  it.each([
    ["job.approved", { surface: "vscode", remember: "session" }, "Approved in VS Code, for this session"],
    ["job.approved", { surface: "rule", decided_by: { name: "a rule" } }, "Approved by a rule"],
    ["job.approved", { surface: "timeout" }, "Approved, since nobody answered in time"],
    ["job.denied", { surface: "timeout", outcome: "expired" }, "Timed out, so denied"],
  ])("reads as what it is: %s %o", (type, data, text) => {
    const approval = after(type, data);
    expect(approval && describeDecision(approval)).toBe(text);
  });
});
