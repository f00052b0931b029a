import { describe, expect, it } from "vitest";
import { describeDecision } from "../../../shared/protocol/approval.ts";
import { type EventFacts, stateAfter } from "../../builders/storedEvent.ts";

const ask = (id: string, job = "j"): EventFacts => ({
  type: "job.approval_needed",
  job,
  data: { approval_id: id, scope: "push", action: "git push" },
});
const decide = (type: string, data: object = {}, job = "j"): EventFacts => ({ type, job, data });
const start: EventFacts = { type: "job.started", job: "j", data: { instruction: "x" } };
const end: EventFacts = { type: "job.completed", job: "j" };

describe("The first decision wins", () => {
  it.each<[string, readonly EventFacts[], string, string]>([
    ["before it, it waits", [ask("a")], "pending", "waiting"],
    ["approved", [ask("a"), decide("job.approved", { approval_id: "a" })], "approved", "running"],
    ["denied", [ask("a"), decide("job.denied", { approval_id: "a" })], "denied", "running"],
    ["expired", [ask("a"), decide("job.denied", { outcome: "expired" })], "expired", "running"],
    ["withdrawn", [ask("a"), decide("job.denied", { outcome: "withdrawn" })], "withdrawn", "running"],
    [
      "late approval",
      [ask("a"), decide("job.denied"), decide("job.approved", { approval_id: "a" })],
      "denied",
      "running",
    ],
    [
      "late denial",
      [ask("a"), decide("job.approved"), decide("job.denied", { approval_id: "a" })],
      "approved",
      "running",
    ],
    ["asked again", [ask("a"), decide("job.denied"), ask("a")], "denied", "running"],
    ["end of the job", [ask("a"), end], "withdrawn", "completed"],
    [
      "after the end of the job",
      [ask("a"), end, decide("job.approved", { approval_id: "a" })],
      "withdrawn",
      "completed",
    ],
    [
      "another job that asks under its id and ends",
      [ask("a"), ask("a", "k"), { ...end, job: "k" }],
      "pending",
      "waiting",
    ],
    ["another job's", [ask("a"), decide("job.approved", { approval_id: "a" }, "k")], "pending", "waiting"],
    ["not named among two", [ask("a"), ask("b"), decide("job.approved")], "pending", "waiting"],
    ["another one's", [ask("a"), ask("b"), decide("job.approved", { approval_id: "b" })], "pending", "waiting"],
    ["of nothing", [ask("a"), decide("job.approved", { approval_id: "nothing" })], "pending", "waiting"],
    ["progress while it waits", [ask("a"), { type: "job.progress", job: "j" }], "pending", "waiting"],
  ])("%s", (_what, facts, approvalState, jobState) => {
    const state = stateAfter([start, ...facts]);
    expect(state.approvals.get("a")?.state).toBe(approvalState);
    expect(state.jobs.get("j")?.state).toBe(jobState);
  });

  it("whether its events come in one batch or each by itself", () => {
    const facts = [start, ask("a"), ask("b"), decide("job.denied", { approval_id: "b" }), decide("job.approved"), end];
    const oneByOne = facts.reduce((state, each) => stateAfter([each], state), stateAfter([]));
    expect(oneByOne).toEqual(stateAfter(facts));
  });
});

it("an approval without a name has its event's", () => {
  const state = stateAfter([{ type: "job.approval_needed", job: "j", data: { scope: "s", action: "x" } }]);
  expect([...state.approvals.keys()]).toEqual(["00000000-0000-7000-8000-000000000001"]);
  expect(state.jobs.get("j")?.approval_ids).toEqual(["00000000-0000-7000-8000-000000000001"]);
});

it("an end is kept in UTC", () => {
  const data = { scope: "s", action: "x", approval_id: "a", expires_at: "2026-11-23T12:00:00+01:00" };
  const state = stateAfter([{ type: "job.approval_needed", job: "j", data }]);
  expect(state.approvals.get("a")?.expires_at).toBe("2026-11-23T11:00:00.000Z");
});

it.each<[object, string, string]>([
  [{ surface: "vscode", decided_by: { name: "Ada" } }, "job.approved", "Approved by Ada in VS Code"],
  [{ surface: "telegram", reason: "Too early" }, "job.denied", "Denied in Telegram: Too early"],
  [{ outcome: "expired", surface: "timeout" }, "job.denied", "Timed out, so denied"],
  [{ outcome: "withdrawn", surface: "producer" }, "job.denied", "Withdrawn by its asker"],
  [{}, "job.approved", "Approved"],
])("a decision of %j is told as it was", (data, type, words) => {
  const approval = stateAfter([ask("a"), decide(type, data)]).approvals.get("a");
  expect(approval && describeDecision(approval)).toBe(words);
});
