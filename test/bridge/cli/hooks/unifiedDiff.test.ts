/** The difference that --dry-run shows: what git and patch would make of it. */
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { unifiedDiff } from "../../../../bridge/cli/hooks/unifiedDiff.ts";
import { temporaryFolder } from "../../../support/bridgeProcess.ts";

const lines = (...numbers: readonly number[]) => numbers.map((each) => `line ${each}\n`).join("");

describe("unifiedDiff", () => {
  it("shows what comes and goes with three lines around it", () => {
    const before = lines(1, 2, 3, 4, 5, 6, 7, 8, 9);
    expect(unifiedDiff("a", before, before.replace("line 5\n", "five\nand more\n"))).toEqual([
      ...["--- a", "+++ a", "@@ -2,7 +2,8 @@", " line 2", " line 3", " line 4", "-line 5", "+five", "+and more"],
      ...[" line 6", " line 7", " line 8"],
    ]);
  });

  it("says where a file is not there, and where the last line has no end", () => {
    expect(unifiedDiff("a", undefined, "{}\n")).toEqual(["--- /dev/null", "+++ a", "@@ -0,0 +1 @@", "+{}"]);
    expect(unifiedDiff("a", "{}", undefined)).toEqual([
      ...["--- a", "+++ /dev/null", "@@ -1 +0,0 @@", "-{}", "\\ No newline at end of file"],
    ]);
    expect(unifiedDiff("a", "x", "x")).toEqual([]);
    expect(unifiedDiff("a", undefined, undefined)).toEqual([]);
  });

  it("can be applied by git, whatever differs", async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "a");
    for (let seed = 0; seed < 12; seed++) {
      const before = Array.from({ length: 40 }, (_, index) => `${(index * 7 + seed) % 5}\n`);
      const after = before.flatMap((line, index) =>
        (index * seed) % 4 === 1 ? [] : (index + seed) % 6 === 0 ? [line, "new\n"] : [line],
      );
      const patch = unifiedDiff("a", before.join(""), after.join(""));
      await writeFile(file, before.join(""));
      if (patch.length > 0)
        execFileSync("git", ["apply", "-p0", "-"], { cwd: folder.path, input: `${patch.join("\n")}\n` });
      expect(await readFile(file, "utf8"), `seed ${seed}`).toBe(after.join(""));
    }
  });
});
