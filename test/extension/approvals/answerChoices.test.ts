/** What an approval can be answered with in VS Code, and what is confirmed before it counts. */
import { describe, expect, it } from "vitest";
import { answerChoices, confirmationOf } from "../../../extension/approvals/answerChoices.ts";
import type { Approval, Offer } from "../../../shared/protocol/approval.ts";
import { stateAfter } from "../../builders/storedEvent.ts";

const SESSION: Offer = { remember: "session", text: 'allow Bash "npm test"' };
const ALWAYS: Offer = { remember: "always", text: 'allow Bash "npm test" in $(trash) shop' };
const AGENT: Offer = { remember: "agent", text: "Bash(npm test:*)" };

function asked(...offers: readonly Offer[]): Approval {
  const data = { approval_id: "a", scope: "command", action: "npm test", context: { agent: "claude" }, offers };
  const approval = stateAfter([{ type: "job.approval_needed", job: "j", data }]).approvals.get("a");
  if (approval === undefined) throw new Error("There is no approval");
  return approval;
}

describe("the choices", () => {
  it("are a yes, what is offered, a no with or without a reason, and a look", () => {
    expect(
      answerChoices(asked(SESSION, ALWAYS, AGENT), "everything").map(({ label, choice }) => [label, choice.kind]),
    ).toEqual([
      ["$(check) Approve", "answer"],
      ["$(check-all) Approve for this session", "answer"],
      ["$(check-all) Always allow…", "confirm"],
      ["$(check-all) Approve as Claude Code suggests…", "confirm"],
      ["$(close) Deny", "answer"],
      ["$(comment) Deny with a reason…", "denyWithReason"],
      ["$(eye) Show", "show"],
    ]);
  });

  it("say in full what an offer would allow, without icons of its own", () => {
    const [, always] = answerChoices(asked(ALWAYS), "approve");
    expect(always?.detail).toBe('allow Bash "npm test" in \\$(trash) shop');
  });

  it("only approve where only that is wanted, and carry what is to be remembered", () => {
    const choices = answerChoices(asked(SESSION), "approve").map(({ choice }) => choice);
    expect(choices).toEqual([
      { kind: "answer", answer: { decision: "approve" } },
      { kind: "answer", answer: { decision: "approve", remember: "session" } },
    ]);
  });
});

describe("what is confirmed", () => {
  it.each([
    { offer: ALWAYS, button: "Always Allow", says: /in \$\(trash\) shop\n\n/ },
    { offer: AGENT, button: "Approve", says: /^Bash\(npm test:\*\)\n\nIt is Claude Code that keeps this/ },
    { offer: { ...SESSION, text: "x\u202ey" }, button: "Approve for This Session", says: /^x<U\+202E>y$/ },
  ])("shows the text whole behind $button", ({ offer, button, says }) => {
    const confirmation = confirmationOf(asked(offer), offer);
    expect(confirmation.button).toBe(button);
    expect(confirmation.detail).toMatch(says);
  });
});
