/** What a person is asked to approve is all there to be read, whatever it is made of. */
import { describe, expect, it } from "vitest";
import { describeRule } from "../../../shared/protocol/rules.ts";
import { oneLine } from "../../../shared/text/oneLine.ts";
import { spellOut } from "../../../shared/text/spellOut.ts";

describe("spellOut", () => {
  it.each([
    [
      "a carriage return, behind which a terminal would begin anew",
      "rm -rf /\recho hello",
      "rm -rf /<U+000D>echo hello",
    ],
    ["a link's address", "\u001b]8;;rm -rf /\u0007ls", "<U+001B>]8;;rm -rf /<U+0007>ls"],
    ["a title", "\u001b]0;rm\u001b\\ls", "<U+001B>]0;rm<U+001B>\\ls"],
    ["the other direction", "rm \u202efr-", "rm <U+202E>fr-"],
    ["isolates", "\u2066a\u2069", "<U+2066>a<U+2069>"],
    ["letters of no width", "l\u200bs\ufeff\u{e0041}", "l<U+200B>s<U+FEFF><U+E0041>"],
    ["eight-bit sequences", "\u009b31m", "<U+009B>31m"],
    ["what joins, fills or is blank", "a\u034fb\u3164c\uffa0d\u2800", "a<U+034F>b<U+3164>c<U+FFA0>d<U+2800>"],
    [
      "Hangul, Khmer and Mongolian that is not seen",
      "\u115f\u1160\u17b4\u17b5\u180b\u180d",
      "<U+115F><U+1160><U+17B4><U+17B5><U+180B><U+180D>",
    ],
    ["selectors of letters", "a\ufe00\ufe0f1\ufe0f\u{e0100}", "a<U+FE00><U+FE0F>1<U+FE0F><U+E0100>"],
    ["the controls of notes and shorthand", "\u{1d173}\u{1bca0}", "<U+1D173><U+1BCA0>"],
    ["nothing of colours but what they color", "\u001b[1;8mrm\u001b[0m ls", "rm ls"],
    ["nothing of line ends and tabs", "a\r\nb\n\tc", "a\nb\n\tc"],
    ["nothing of what scripts and emoji are made of", "👩‍💻 ⚠\ufe0f می‌خواهم", "👩‍💻 ⚠\ufe0f می‌خواهم"],
  ])("spells out %s", (_what, text, spelt) => {
    expect(spellOut(text)).toBe(spelt);
  });
});

describe("a rule in words", () => {
  it("has all of its texts spelt out", () => {
    const text = "a\u202eb";
    const rule = {
      decision: "allow",
      tool: text,
      command: text,
      path: text,
      scope: text,
      agent: text,
      project: text,
    } as const;
    expect(describeRule(rule)).not.toContain("\u202e");
    expect(describeRule(rule).split("<U+202E>")).toHaveLength(7);
  });
});

describe("oneLine", () => {
  it("says that there is more, also behind more white space than a line has room for", () => {
    expect(oneLine(`echo hello${" ".repeat(1000)}; rm -rf /`, 80)).toBe("echo hello…");
    expect(oneLine(`echo hello${" ".repeat(1000)}`, 80)).toBe("echo hello");
  });
});
