import { describe, expect, it } from "vitest";
import { keepStart, splitText } from "../../../bridge/telegram/outbox/splitText.ts";

describe("splitText", () => {
  it.each([
    { name: "a short text stays whole", text: "hello", parts: ["hello"] },
    { name: "a text of exactly the length stays whole", text: "0123456789", parts: ["0123456789"] },
    { name: "cuts after a line", text: "01234567\n89abc", parts: ["01234567\n", "89abc"] },
    { name: "cuts after a word where no line ends late enough", text: "0\n234567 9abc", parts: ["0\n234567 ", "9abc"] },
    { name: "cuts a long word where it must", text: "0123456789abc", parts: ["0123456789", "abc"] },
    { name: "never cuts a surrogate pair", text: "012345678😀abc", parts: ["012345678", "😀abc"] },
    {
      name: "leaves out parts of nothing but white space",
      text: `0123456789${" ".repeat(15)}x`,
      parts: ["0123456789", "     x"],
    },
    { name: "makes nothing of a blank text", text: " \n ", parts: [] },
    { name: "replaces half a pair, which Telegram refuses", text: "a\uD83Db", parts: ["a\uFFFDb"] },
  ])("$name", ({ text, parts }) => {
    expect(splitText({ text }, 10).map((part) => part.text)).toEqual(parts);
  });

  it("cuts formatting with the text, counted anew in each part", () => {
    const entities = [{ type: "pre", offset: 2, length: 14, language: "bash" }];
    expect(splitText({ text: "0123456789abcdefghi", entities }, 10)).toEqual([
      { text: "0123456789", entities: [{ type: "pre", offset: 2, length: 8, language: "bash" }] },
      { text: "abcdefghi", entities: [{ type: "pre", offset: 0, length: 6, language: "bash" }] },
    ]);
  });
});

describe("keepStart", () => {
  it("says with an ellipsis that there was more, and ends formatting before it", () => {
    const entities = [{ type: "bold", offset: 0, length: 13 }];
    expect(keepStart({ text: "0123456789abc", entities }, 10)).toEqual({
      text: "012345678…",
      entities: [{ type: "bold", offset: 0, length: 9 }],
    });
  });

  it("leaves alone what fits", () => {
    expect(keepStart({ text: "0123456789" }, 10)).toEqual({ text: "0123456789" });
  });
});
