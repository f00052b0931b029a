/** The document in which a command or a change is judged. */
import { describe, expect, it } from "vitest";
import { hasMoreToRead, questionText } from "../../../extension/approvals/questionText.ts";
import type { Approval } from "../../../shared/protocol/approval.ts";
import type { State } from "../../../shared/state/state.ts";
import { type EventFacts, stateAfter } from "../../builders/storedEvent.ts";

function asked(data: object, ...more: readonly EventFacts[]): { state: State; approval: Approval } {
  const needed = { approval_id: "a", scope: "command", action: "git push", ...data };
  const state = stateAfter([{ type: "job.approval_needed", job: "j", data: needed }, ...more]);
  const approval = state.approvals.get("a");
  if (approval === undefined) throw new Error("There is no approval");
  return { state, approval };
}

const textOf = (data: object, ...more: readonly EventFacts[]) => {
  const { state, approval } = asked(data, ...more);
  return questionText(state, approval);
};

describe("the document", () => {
  it("of a change is a diff under who asks, where and why", () => {
    const context = { agent: "claude", tool: "Edit", path: "/shop/a.ts", cwd: "/shop", diff: "--- a\n+++ b\n-x\n+y\n" };
    expect(textOf({ scope: "edit", action: "Edit a.ts", reason: "It is\nwrong", context })).toEqual({
      extension: "diff",
      text: [
        "# Asked by: Claude Code",
        "# Where: shop / s1",
        "# Action: Edit a.ts",
        "# Scope: edit",
        "# Tool: Edit",
        "# File: /shop/a.ts",
        "# Runs in: /shop",
        "# Why: It is",
        "#   wrong",
        "",
        "--- a",
        "+++ b",
        "-x",
        "+y",
        "",
      ].join("\n"),
    });
  });

  it("of a command has all of its lines, with what hides in them spelt out, and what may be chosen besides", () => {
    const offers = [{ remember: "always", text: 'allow Bash "npm test"' }];
    const { extension, text } = textOf({
      action: "Run the tests",
      offers,
      context: { command: "npm test\nrm\u200b x" },
    });
    expect(extension).toBe("sh");
    expect(text).toContain('# Always: allow Bash "npm test"\n');
    expect(text).toMatch(/\n\nnpm test\nrm<U\+200B> x\n$/);
  });

  it("of a tool that nobody knows has its input, and the facts that its asker names", () => {
    const context = { tool: "mcp__mail__send", details: '{\n  "to": "ada"\n}', subagent: "helper", tool_use_id: "t1" };
    const { extension, text } = textOf({ scope: "tool", action: "Use send", context });
    expect(extension).toBe("txt");
    expect(text).toContain('# subagent: helper\n\n{\n  "to": "ada"\n}\n');
    expect(text).toContain("# Action: Use send\n");
    expect(text).not.toContain("t1");
  });

  it("lets no reason pass for the command", () => {
    const { text } = textOf({ reason: "fine\n\necho harmless", context: { "a\necho b": "c" } });
    expect(text.split("\n").filter((line) => !line.startsWith("#") && line !== "")).toEqual(["git push"]);
  });

  it("says how it was answered, once it was", () => {
    const denied: EventFacts = { type: "job.denied", job: "j", data: { approval_id: "a", surface: "telegram" } };
    expect(textOf({}, denied).text).toContain("# Answer: Denied in Telegram\n");
  });
});

describe("a document is worth opening", () => {
  it.each([
    { what: "not for what the row says whole", data: {}, expected: false },
    { what: "not for a command that the action is", data: { context: { command: "git push" } }, expected: false },
    { what: "for a tool's input", data: { context: { details: "{}" } }, expected: true },
    { what: "for a change", data: { context: { diff: "+x" } }, expected: true },
    {
      what: "for a command in other words",
      data: { action: "Push", context: { command: "git push" } },
      expected: true,
    },
    { what: "for an action that the row cuts", data: { action: "x".repeat(200) }, expected: true },
    { what: "for an action of several lines", data: { action: "git add .\ngit push" }, expected: true },
  ])("$what", ({ data, expected }) => {
    expect(hasMoreToRead(asked(data).approval)).toBe(expected);
  });
});
