/** What a terminal prints below an approval: all that is judged, and how it can be answered. */
import { describe, expect, it } from "vitest";
import { approvalDetails } from "../../../bridge/cli/approvalDetails.ts";
import { offerRefusal } from "../../../bridge/cli/offerOptions.ts";
import type { Approval } from "../../../shared/protocol/approval.ts";
import { stateAfter } from "../../builders/storedEvent.ts";

function asked(data: object): Approval {
  const needed = { scope: "command", action: "git push", approval_id: "a1", ...data };
  const approval = stateAfter([{ type: "job.approval_needed", job: "j1", data: needed }]).approvals.get("a1");
  if (approval === undefined) throw new Error("No approval");
  return approval;
}

const plain = (_style: unknown, text: string) => text;
const details = (data: object) => approvalDetails(asked(data), plain);

describe("below an approval", () => {
  it("stands nothing where its line says it all", () => {
    expect(details({})).toEqual([]);
  });

  it("stand the command and the diff behind a bar, and the options for what is offered", () => {
    expect(
      details({
        action: "Run the tests",
        context: {
          agent: "codex",
          tool: "shell",
          command: "npm test\nrm x",
          cwd: "/shop",
          details: "plan",
          diff: "-a\n+b\n",
        },
        offers: [
          { remember: "session", text: 'allow shell "npm test"' },
          { remember: "always", text: "allow\nit" },
        ],
      }),
    ).toEqual([
      "    Codex, shell",
      "    │ npm test",
      "    │ rm x",
      "    in /shop",
      "    │ plan",
      "    │ -a",
      "    │ +b",
      '    --for-session  allow shell "npm test"',
      "    --always       allow it",
    ]);
  });

  it("stands an action whole that its line cuts", () => {
    const action = `echo ${"x".repeat(100)}`;
    expect(details({ action })).toEqual([`    │ ${action}`]);
    expect(details({ action: "echo a\necho b" })).toEqual(["    │ echo a", "    │ echo b"]);
  });

  it("stands nothing once it is decided", () => {
    const decided = { ...asked({ offers: [{ remember: "always", text: "x" }] }), state: "approved" as const };
    expect(approvalDetails(decided, plain)).toEqual([]);
  });
});

describe("more than what is offered", () => {
  const offers = [{ remember: "session", text: "allow it" }];
  it.each([
    {
      what: "is refused with what is offered",
      data: { offers },
      says: /--always is not offered.*--for-session \(allow it\)/,
    },
    { what: "is refused where nothing is", data: {}, says: /for this once alone/ },
  ])("$what", ({ data, says }) => {
    expect(offerRefusal(asked(data), "always")).toMatch(says);
  });

  it("is left to the bridge to refuse once it is decided", () => {
    expect(offerRefusal({ ...asked({}), state: "denied" }, "always")).toBeUndefined();
    expect(offerRefusal(asked({ offers }), "session")).toBeUndefined();
  });
});
