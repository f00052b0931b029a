/** What a person is asked to approve is all there to be read, whatever it is made of. */
import { describe, expect, it } from "vitest";
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
    ["nothing of colours but what they color", "\u001b[1;8mrm\u001b[0m ls", "rm ls"],
    ["nothing of line ends and tabs", "a\r\nb\n\tc", "a\nb\n\tc"],
    ["nothing of what scripts and emoji are made of", "👩‍💻 می‌خواهم", "👩‍💻 می‌خواهم"],
  ])("spells out %s", (_what, text, spelt) => {
    expect(spellOut(text)).toBe(spelt);
  });
});

describe("oneLine", () => {
  it("says that there is more, also behind more white space than a line has room for", () => {
    expect(oneLine(`echo hello${" ".repeat(1000)}; rm -rf /`, 80)).toBe("echo hello…");
    expect(oneLine(`echo hello${" ".repeat(1000)}`, 80)).toBe("echo hello");
  });
});
