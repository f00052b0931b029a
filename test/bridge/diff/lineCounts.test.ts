import { describe, expect, it } from "vitest";
import { countChangedLines, parseLineCounts } from "../../../bridge/diff/lineCounts.ts";

describe("the number of changed lines", () => {
  it.each([
    { before: "", after: "", added: 0, removed: 0 },
    { before: "", after: "a\nb", added: 2, removed: 0 },
    { before: "a\nb\nc\n", after: "a\nB\nc\n", added: 1, removed: 1 },
    { before: "a\nb\nc\n", after: "c\n", added: 0, removed: 2 },
    { before: "a\nb\nc\nd\n", after: "b\nx\nd\na\n", added: 2, removed: 2 },
  ])("of $before and $after is +$added -$removed", ({ before, after, added, removed }) => {
    expect(countChangedLines(before, after)).toEqual({ added, removed });
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
