/** The reader of plain commands against a real shell: what it says the words are, bash makes of the text as well. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { allowsCommand } from "../../../bridge/rules/shell/commandPattern.ts";
import { readPlainWords } from "../../../bridge/rules/shell/plainWords.ts";

const folder = mkdtempSync(join(tmpdir(), "tv-words-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Pieces of which shell texts are made, the dangerous ones often. */
const piece = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom("a", "b c", "x=1", "--opt=v", "-n", "a/b", "a:b", "100%", "@{u}", ",", "+", "_", "."),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ..." \t\n\r;&|<>()$`\\\"'*?[]{}~#!^=%-".split(""),
      ...[
        "&&",
        "||",
        "$(",
        "${",
        "$((",
        "<(",
        "<<<",
        "2>&1",
        "~/",
        "~+",
        "=ls",
        "\\\n",
        "''",
        '""',
        "$'",
        "{a,b}",
        "a=~",
      ],
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 3 }) },
);
const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));

describe("words that are certainly plain", () => {
  it("are the words that bash gives to the command", async () => {
    const accepted: string[] = [];
    await fc.assert(
      fc.property(text, (rest) => {
        const command = `printf ${rest}`;
        if (readPlainWords(command) !== undefined) accepted.push(command);
      }),
      { numRuns: 60_000, seed: 20261125 },
    );
    expect(accepted.length).toBeGreaterThan(2000);
    // In one shell, each in its place: a `printf` of ours shows the words that it was given.
    const script = `printf() { builtin printf '%s\\036' "$@"; builtin printf '\\035'; }\n${accepted.join("\n")}\n`;
    const options = { cwd: folder, input: script, maxBuffer: 1 << 28, encoding: "utf8" } as const;
    const shown = execFileSync("bash", ["--norc"], options);
    const seen = shown.split("\u001d").slice(0, -1);
    expect(seen.length).toBe(accepted.length);
    accepted.forEach((command, index) => {
      const [, ...words] = readPlainWords(command) ?? [];
      // printf shows its format once where there is nothing to show.
      const ours = words.length === 0 ? "\u001e" : words.map((word) => `${word}\u001e`).join("");
      expect(seen[index], command).toBe(ours);
    });
  });

  it("have nothing active in them outside of quotes", async () => {
    await fc.assert(
      fc.property(text, fc.constantFrom(..."|&;<>()$`\\*?[]{}~#!^\n\r"), text, (before, active, behind) => {
        const command = `npm test ${before}${active}${behind}`;
        if (command === "npm test *" || !allowsCommand("npm test *", command)) return;
        const unquoted = command.replace(/'[^']*'|"[^"]*"/g, "");
        expect(unquoted).not.toMatch(/[|&;<>()$`\\*?[\]{}~#!^\n\r]/);
      }),
      { numRuns: 30_000, seed: 20261125 },
    );
  });
});
