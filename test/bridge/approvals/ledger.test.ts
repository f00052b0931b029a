import { describe, expect, it } from "vitest";
import { ApprovalLedger } from "../../../bridge/approvals/ledger.ts";
import type { Event } from "../../../shared/events/event.ts";
import { EMPTY_STATE } from "../../../shared/state/state.ts";
import { stateAfter } from "../../builders/storedEvent.ts";
import { answer, event, question } from "../bus/busEvents.ts";

/** What an event is judged to be after others: undefined when it is taken. */
function judged(before: readonly Event[], last: Event): string | undefined {
  const ledger = new ApprovalLedger();
  for (const each of before) expect(ledger.admit(each)).toBeUndefined();
  return ledger.admit(last)?.code;
}

const ended = event("job.completed");

describe("The ledger", () => {
  it.each<[string, readonly Event[], Event, string | undefined]>([
    ["takes what is no decision", [], event("job.queued"), undefined],
    ["takes a type that it does not know", [], event("job.paused"), undefined],
    ["takes the first decision", [question("a")], answer("job.approved", "a"), undefined],
    ["refuses the second", [question("a"), answer("job.denied", "a")], answer("job.approved", "a"), "already_decided"],
    ["refuses one after the job's end", [question("a"), ended], answer("job.approved", "a"), "already_decided"],
    ["refuses one of nothing", [], answer("job.approved", "a"), "unknown_approval"],
    ["refuses one of another job", [question("a")], answer("job.approved", "a", { job: "x" }), "unknown_approval"],
    [
      "refuses one of a project that went",
      [question("a"), event("project.removed")],
      answer("job.denied", "a"),
      "unknown_approval",
    ],
    ["finds the only one that waits", [question("a")], event("job.approved"), undefined],
    ["does not guess among two", [question("a"), question("b")], event("job.approved"), "unknown_approval"],
    [
      "finds the one of two that still waits",
      [question("a"), question("b"), answer("job.denied", "a")],
      event("job.approved"),
      undefined,
    ],
    [
      "tells of the last when none waits",
      [question("a"), event("job.denied")],
      event("job.approved"),
      "already_decided",
    ],
    [
      "takes another question's",
      [question("a"), answer("job.denied", "a"), question("b")],
      answer("job.approved", "b"),
      undefined,
    ],
    [
      "does not reopen by asking again",
      [question("a"), answer("job.denied", "a"), question("a")],
      answer("job.approved", "a"),
      "already_decided",
    ],
    ["takes a question that is asked again", [question("a")], question("a"), undefined],
    [
      "refuses another job's question under the same id",
      [question("a")],
      question("a", { job: "x" }),
      "approval_id_conflict",
    ],
    [
      "refuses another question under the same id",
      [question("a"), answer("job.approved", "a")],
      event("job.approval_needed", { data: { approval_id: "a", scope: "push", action: "git push --force" } }),
      "approval_id_conflict",
    ],
    [
      "refuses the same question with other facts under the same id",
      [question("a")],
      event("job.approval_needed", {
        data: { approval_id: "a", scope: "push", action: "git push", context: { to: "production" } },
      }),
      "approval_id_conflict",
    ],
    [
      "is not misled by names of the language",
      [question("__proto__")],
      answer("job.approved", "constructor"),
      "unknown_approval",
    ],
    ["keeps names of the language", [question("__proto__")], answer("job.approved", "__proto__"), undefined],
  ])("%s", (_what, before, last, code) => {
    expect(judged(before, last)).toBe(code);
  });

  it("takes a decision that it knows already for what it is, when it comes again", () => {
    const decision = answer("job.approved", "a");
    expect(judged([question("a"), decision], decision)).toBeUndefined();
  });

  it("shows a late answer what was decided, by whom and where", () => {
    const ledger = new ApprovalLedger();
    for (const each of [question("a"), answer("job.denied", "a")]) ledger.admit(each);
    const refusal = ledger.judge(answer("job.approved", "a"));
    expect(refusal?.message).toBe("Denied by Ada in the API. This answer came too late and changes nothing.");
    expect(refusal?.document.context).toMatchObject({ approval: { state: "denied", decision: { surface: "api" } } });
  });

  it("judges without taking in", () => {
    const ledger = new ApprovalLedger();
    ledger.note(question("a"));
    expect(ledger.judge(answer("job.approved", "a"))).toBeUndefined();
    expect(ledger.judge(answer("job.denied", "a"))).toBeUndefined();
  });

  it("begins anew from what is stored", () => {
    const ledger = new ApprovalLedger();
    for (const each of [question("a"), answer("job.approved", "a")]) ledger.admit(each);
    ledger.reset(
      stateAfter([{ type: "job.approval_needed", job: "job-1", data: { approval_id: "a", scope: "s", action: "x" } }]),
    );
    expect(ledger.admit(answer("job.denied", "a"))).toBeUndefined();
    ledger.reset(EMPTY_STATE);
    expect(ledger.judge(answer("job.denied", "a"))?.code).toBe("unknown_approval");
  });
});
