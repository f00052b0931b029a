/** The difference that --dry-run shows: what git and patch would make of it. */
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linesOf } from "../../../bridge/diff/lines.ts";
import { NO_FILE, pieceDiff, unifiedDiff } from "../../../bridge/diff/unifiedDiff.ts";
import { temporaryFolder } from "../../support/bridgeProcess.ts";

const NAMES = { before: "a", after: "a" };

const lines = (...numbers: readonly number[]) => numbers.map((each) => `line ${each}\n`).join("");

describe("unifiedDiff", () => {
  it("shows what comes and goes with three lines around it", () => {
    const before = lines(1, 2, 3, 4, 5, 6, 7, 8, 9);
    expect(unifiedDiff(NAMES, before, before.replace("line 5\n", "five\nand more\n"))).toEqual([
      ...["--- a", "+++ a", "@@ -2,7 +2,8 @@", " line 2", " line 3", " line 4", "-line 5", "+five", "+and more"],
      ...[" line 6", " line 7", " line 8"],
    ]);
  });

  it("says where a file is not there, and where the last line has no end", () => {
    expect(unifiedDiff({ before: NO_FILE, after: "a" }, "", "{}\n")).toEqual([
      "--- /dev/null",
      "+++ a",
      "@@ -0,0 +1,1 @@",
      "+{}",
    ]);
    expect(unifiedDiff({ before: "a", after: NO_FILE }, "{}", "")).toEqual([
      ...["--- a", "+++ /dev/null", "@@ -1,1 +0,0 @@", "-{}", "\\ No newline at end of file"],
    ]);
    expect(unifiedDiff(NAMES, "x", "x")).toEqual([]);
  });

  it("can be applied by git, whatever differs", async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "a");
    for (let seed = 0; seed < 12; seed++) {
      const before = Array.from({ length: 40 }, (_, index) => `${(index * 7 + seed) % 5}\n`);
      const after = before.flatMap((line, index) =>
        (index * seed) % 4 === 1 ? [] : (index + seed) % 6 === 0 ? [line, "new\n"] : [line],
      );
      const patch = unifiedDiff(NAMES, before.join(""), after.join(""));
      await writeFile(file, before.join(""));
      if (patch.length > 0)
        execFileSync("git", ["apply", "-p0", "-"], { cwd: folder.path, input: `${patch.join("\n")}\n` });
      expect(await readFile(file, "utf8"), `seed ${seed}`).toBe(after.join(""));
    }
  });

  it("tells of a huge change as of one text in the place of another, at once", () => {
    const many = (mark: string) => Array.from({ length: 50_000 }, (_, index) => `${mark}${index}\n`).join("");
    const diff = unifiedDiff(NAMES, many("a"), many("b"));
    expect(diff.slice(2, 4)).toEqual(["@@ -1,50000 +1,50000 @@", "-a0"]);
    expect(diff).toHaveLength(3 + 100_000);
  });
});

describe("pieceDiff", () => {
  it("leads from the one text to the other", async () => {
    const text = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 12 }).map((all) => all.join("\n"));
    await fc.assert(
      fc.property(text, text, (before, after) => {
        const body = pieceDiff(NAMES, before, after).filter((line, index) => index > 2 && !line.startsWith("\\"));
        const without = (mark: string) => body.filter((line) => !line.startsWith(mark)).map((line) => line.slice(1));
        fc.pre(before !== after);
        expect(without("+")).toEqual(linesOf(before));
        expect(without("-")).toEqual(linesOf(after));
      }),
    );
  });
});
