import { describe, expect, it } from "vitest";
import { approvalLabel, approvalSentence } from "../../../extension/text/approvalText.ts";
import { stateAfter } from "../../builders/storedEvent.ts";

describe("an approval's words", () => {
  it("hide nothing of what is asked", () => {
    const action = "rm -rf /\recho \u202ehello";
    const state = stateAfter([
      { type: "job.approval_needed", job: "j", data: { approval_id: "a", scope: "s", action } },
    ]);
    const approval = state.approvals.get("a");
    if (approval === undefined) throw new Error("There is no approval");
    expect(approvalLabel(approval)).toBe("rm -rf /<U+000D>echo <U+202E>hello");
    expect(approvalSentence(state, approval)).toContain("rm -rf /<U+000D>echo <U+202E>hello");
  });

  it("say the command where the action is other words for it", () => {
    const data = {
      approval_id: "a",
      scope: "s",
      action: "Run the tests",
      reason: "Once",
      context: { command: "npm\rtest" },
    };
    const state = stateAfter([{ type: "job.approval_needed", job: "j", data }]);
    const approval = state.approvals.get("a");
    if (approval === undefined) throw new Error("There is no approval");
    expect(approvalSentence(state, approval)).toBe("shop / s1 asks: Run the tests (npm<U+000D>test — Once)");
  });
});
