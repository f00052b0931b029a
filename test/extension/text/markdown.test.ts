/** Code in tooltips: as it stands, and never more than code. */
import { describe, expect, it } from "vitest";
import { codeBlock } from "../../../extension/text/markdown.ts";

describe("a block of code", () => {
  it("is not ended by backticks in it", () => {
    expect(codeBlock("a\n```\n[x](command:y)\n````\n", "diff")).toBe("`````diff\na\n```\n[x](command:y)\n````\n`````");
  });

  it("is cut where a tooltip is of no use, and says so", () => {
    const block = codeBlock(Array.from({ length: 50 }, (_, index) => `+${index}`).join("\n"), "diff");
    expect(block).toContain("+29\n```\n\n… and 20 more lines");
    expect(block).not.toContain("+30");
  });
});
