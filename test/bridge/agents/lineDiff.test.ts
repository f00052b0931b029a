import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countChangedLines, linesOf, parseLineCounts, unifiedDiff } from "../../../bridge/agents/lineDiff.ts";

describe("a diff", () => {
  it.each([
    { before: "", after: "", added: 0, removed: 0 },
    { before: "", after: "a\nb", added: 2, removed: 0 },
    { before: "a\nb\nc\n", after: "a\nB\nc\n", added: 1, removed: 1 },
    { before: "a\nb\nc\n", after: "c\n", added: 0, removed: 2 },
    { before: "a\nb\nc\nd\n", after: "b\nx\nd\na\n", added: 2, removed: 2 },
  ])("of $before and $after is +$added -$removed", ({ before, after, added, removed }) => {
    expect(countChangedLines(before, after)).toEqual({ added, removed });
  });

  it("shows what is near, with its place in the file", () => {
    const before = Array.from({ length: 20 }, (_, index) => `line ${index + 1}\n`);
    const after = before.with(1, "two\n").toSpliced(15, 1);
    expect(unifiedDiff("a", before.join(""), after.join(""))).toBe(
      [
        "--- a/a",
        "+++ b/a",
        "@@ -1,5 +1,5 @@",
        " line 1",
        "-line 2",
        "+two",
        " line 3",
        " line 4",
        " line 5",
        "@@ -13,7 +13,6 @@",
        " line 13",
        " line 14",
        " line 15",
        "-line 16",
        " line 17",
        " line 18",
        " line 19",
        "",
      ].join("\n"),
    );
  });

  it("leads from the one text to the other", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 12 }).map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const body = unifiedDiff("x", before, after, { isWhole: false }).split("\n").slice(3, -1);
        const without = (mark: string) => body.filter((line) => !line.startsWith(mark)).map((line) => line.slice(1));
        const isEmpty = body.length === 1 && body[0] === "";
        expect(isEmpty ? [] : without("+")).toEqual(linesOf(before));
        expect(isEmpty ? [] : without("-")).toEqual(linesOf(after));
      }),
    );
  });

  it("of two huge texts takes no huge time", () => {
    const lines = (mark: string) => Array.from({ length: 50_000 }, (_, index) => `${mark}${index}`).join("\n");
    expect(countChangedLines(lines("a"), lines("b"))).toEqual({ added: 50_000, removed: 50_000 });
  });

  it("is summed by its stat alone", () => {
    expect(parseLineCounts("+3 -1")).toEqual({ added: 3, removed: 1 });
    expect(parseLineCounts("3 files")).toBeUndefined();
  });
});
