import { expect, it } from "vitest";
import { type Answer, decisionEvent } from "../../../bridge/approvals/decisionEvent.ts";
import { parseEvent } from "../../../shared/events/parse.ts";
import type { Approval } from "../../../shared/protocol/approval.ts";
import { stateAfter } from "../../builders/storedEvent.ts";

const stamp = {
  event_id: "00000000-0000-7000-8000-0000000000ff",
  timestamp: "2026-11-23T10:00:00.000Z",
  source: { component: "bridge", instance_id: "1" },
};

function approval(facts: Partial<Approval> = {}): Approval {
  const data = { approval_id: "a", scope: "push", action: "git push" };
  const asked = stateAfter([{ type: "job.approval_needed", job: "j", data }]).approvals.get("a");
  if (asked === undefined) throw new Error("It was not asked");
  return { ...asked, ...facts };
}

it.each<[Answer, string, object]>([
  [{ decision: "approve" }, "job.approved", { approval_id: "a", surface: "api" }],
  [
    { decision: "deny", reason: "No" },
    "job.denied",
    { approval_id: "a", surface: "api", reason: "No", outcome: "denied" },
  ],
  [
    { decision: "withdraw", surface: "producer" },
    "job.denied",
    { approval_id: "a", surface: "producer", outcome: "withdrawn" },
  ],
  [
    { decision: "expire", surface: "timeout" },
    "job.denied",
    { approval_id: "a", surface: "timeout", outcome: "expired" },
  ],
  [
    { decision: "approve", surface: "telegram", decided_by: { name: "Ada", id: "42" } },
    "job.approved",
    { approval_id: "a", surface: "telegram", decided_by: { name: "Ada", id: "42" } },
  ],
])("carries %j", (answer, event_type, data) => {
  const event = decisionEvent(approval(), answer, stamp);
  expect(event).toEqual({
    ...stamp,
    event_type,
    data,
    project_id: "shop",
    session_id: "s1",
    job_id: "j",
    visibility: "public",
    recipients: ["all"],
  });
  const defaults = { newEventId: () => "", nowMs: () => 0, source: stamp.source };
  expect(parseEvent(event, defaults)).toEqual({ ok: true, value: event });
});

it("shows the answer to those alone who may see the question", () => {
  const secret = approval({ visibility: "internal", recipients: ["7"] });
  expect(decisionEvent(secret, { decision: "deny" }, stamp)).toMatchObject({
    visibility: "internal",
    recipients: ["7"],
  });
});
