/** What is taken out of an approval's context for people to judge, and what may be chosen besides a plain yes. */
import { describe, expect, it } from "vitest";
import type { Approval, Offer } from "../../../shared/protocol/approval.ts";
import { distinctOffers, needsSecondLook, offerLabel } from "../../../shared/text/offerText.ts";
import { questionOf } from "../../../shared/text/question.ts";

const asked = (action: string, context: Approval["context"] = {}) => ({ action, context });

describe("a question", () => {
  it("is told from what its asker alone needs and what nobody knows the meaning of", () => {
    const question = questionOf(
      asked("Edit src/a.ts", {
        agent: "claude",
        tool: "Edit",
        path: "/shop/src/a.ts",
        cwd: "/shop",
        diff: "-a\n+b\n",
        agent_suggestion: [{ type: "addRules" }],
        tool_use_id: "toolu_1",
        bridge: "9f3c",
        project_folder: "/shop",
        commits: 2,
        mood: "calm",
      }),
    );
    expect(question).toEqual({
      agent: "Claude Code",
      tool: "Edit",
      command: null,
      path: "/shop/src/a.ts",
      cwd: "/shop",
      diff: "-a\n+b\n",
      details: null,
      others: [
        ["commits", "2"],
        ["mood", "calm"],
      ],
    });
  });

  it("names the command only where the action is other words for it, and spells out what hides in it", () => {
    expect(questionOf(asked("npm test", { command: "npm test\n" })).command).toBeNull();
    expect(questionOf(asked("Run the tests", { command: "npm\u202e test" })).command).toBe("npm<U+202E> test");
  });

  it("takes a named field that is no text for a fact like any other", () => {
    expect(questionOf(asked("x", { command: ["npm", "test"], cwd: " " }))).toMatchObject({
      command: null,
      cwd: null,
      others: [["command", '["npm","test"]']],
    });
  });
});

describe("an offer", () => {
  const session: Offer = { remember: "session", text: 'allow Bash "npm test"' };

  it.each<{ offer: Offer; agent?: string; label: string }>([
    { offer: session, label: "Approve for this session" },
    { offer: { ...session, text: "x".repeat(81) }, label: "Approve for this session…" },
    { offer: { remember: "always", text: "allow it" }, label: "Always allow…" },
    { offer: { remember: "agent", text: "allow it" }, agent: "codex", label: "Approve as Codex suggests…" },
    { offer: { remember: "agent", text: "allow it" }, label: "Approve as the agent suggests…" },
  ])("reads $label", ({ offer, agent, label }) => {
    expect(offerLabel(asked("x", agent === undefined ? {} : { agent }), offer)).toBe(label);
  });

  it("is looked at twice where it lasts, or is long", () => {
    expect(needsSecondLook(session)).toBe(false);
    expect(needsSecondLook({ ...session, text: "two\nlines" })).toBe(true);
    expect(needsSecondLook({ remember: "always", text: "x" })).toBe(true);
  });

  it("is made once of each kind", () => {
    expect(distinctOffers({ offers: [session, { ...session, text: "other" }] })).toEqual([session]);
  });
});
