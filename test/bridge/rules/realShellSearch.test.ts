/** Holds the search for denied commands against the truth: what a real shell runs, in any text, must have been found or be unclear. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findCommands } from "../../../bridge/rules/shell/commandCandidates.ts";
import { searchCommand } from "../../../bridge/rules/shell/soughtCommand.ts";

const RUNS = Number(process.env["TELEVIBE_SHELL_RUNS"] ?? 250);

/** No slash is among them: nothing is read or written but in the folder of the test. */
const PIECES = [
  ...["mark", "mark x", " mark x ", "; mark x", "\nmark x\n", "m\\ark", "'mark' x", 'm"ar"k', "$(mark x)", "`mark x`"],
  ...["echo ", "eval ", "bash -c ", "env ", "command ", "exec ", "xargs ", "a=1 ", "a[1", "]=2", "trap "],
  ...["$(", ")", "(", "{ ", " }", "`", "'", '"', "\\", "\n", ";", "&&", "||", "|", "&", " ", "#", " #", "!"],
  ...["<<E", "<<'E'", "<<-E", "\nE\n", "\n\tE\n", "<<<", "<(", ">(", "> f", "2>&1", "<<"],
  ...["\u0024{a:-", "\u0024{a", "}", "$", "$'", '$"', "((", "))", "$((", "1", "E"],
  ...[
    "if ",
    "then ",
    "fi",
    "for i in a; do ",
    "done",
    "case a in a) ",
    ";;",
    " esac",
    "while mark; do ",
    "function f ",
    "f() ",
  ],
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tv-shell-"));
  mkdirSync(join(folder, "bin"));
  mkdirSync(join(folder, "work"));
  writeFileSync(join(folder, "bin/mark"), `#!/bin/sh\n: > '${join(folder, "ran")}'\nexit 1\n`, { mode: 0o755 });
  for (const name of ["bash", "env", "xargs"]) symlinkSync(`/usr/bin/${name}`, join(folder, "bin", name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runsMark(command: string): boolean {
  rmSync(join(folder, "ran"), { force: true });
  spawnSync("/bin/bash", ["-c", command], {
    cwd: join(folder, "work"),
    env: { PATH: join(folder, "bin"), HOME: join(folder, "work") },
    stdio: "ignore",
    timeout: 2000,
  });
  return existsSync(join(folder, "ran"));
}

describe("A command that bash runs", () => {
  it("was found in the text, or the text is unclear", () => {
    const texts = fc
      .array(fc.constantFrom(...PIECES), { minLength: 2, maxLength: 12 })
      .map((pieces) => pieces.join(""))
      .filter((text) => text.includes("ark"));
    let ran = 0;
    fc.assert(
      fc.property(texts, (text) => {
        // Only what would be allowed is run: that is fewer, and all that matters.
        if (searchCommand(["mark", "*"], findCommands(text)).outcome !== "not_found") return;
        ran += 1;
        expect(runsMark(text)).toBe(false);
      }),
      { numRuns: RUNS * 20 },
    );
    expect(ran).toBeGreaterThan(RUNS / 5);
    // And it is seen where it does run.
    expect(runsMark("echo $(mark x)")).toBe(true);
  });
});
