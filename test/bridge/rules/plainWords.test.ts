/** The reader of plain commands against a real shell: what it says the words are, bash makes of the text as well. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
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
        const command = `say ${rest}`;
        if (readPlainWords(command) !== undefined) accepted.push(command);
      }),
      { numRuns: 60_000, seed: 20261125 },
    );
    expect(accepted.length).toBeGreaterThan(2000);
    // In one shell, each in its place: a function shows the words that it was given.
    const script = `say() { builtin printf '%s\\036' "$@"; builtin printf '\\035'; }\n${accepted.join("\n")}\n`;
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

  it("are run by no builtin of bash", () => {
    const builtins = execFileSync("bash", ["-c", "compgen -b; compgen -k"], { encoding: "utf8" }).trim().split("\n");
    const active = "'a[$(echo > ran)]'";
    const shapes = [
      active,
      `${active}=1`,
      `-v ${active} x`,
      `-v ${active}`,
      `${active} -eq 1`,
      `-n ${active}`,
      `-p ${active}`,
    ];
    const more = [
      `-u ${active}`,
      `-t ${active}`,
      `-W '$(echo > ran)' x`,
      `-C '$(echo > ran; )' x`,
      `'$(echo > ran)'`,
      `n ${active}`,
    ];
    const texts = builtins.flatMap((name) => [...shapes, ...more].map((shape) => `'${name}' ${shape}`));
    const runs = (commands: readonly string[]) => {
      rmSync(join(folder, "ran"), { force: true });
      const script = commands.map((command) => `( ${command} ) </dev/null >/dev/null 2>&1\n`).join("");
      execFileSync("bash", ["--norc"], { cwd: folder, input: `${script}true\n`, timeout: 60_000 });
      return existsSync(join(folder, "ran"));
    };
    expect(runs([`printf -v ${active} x`]) && runs([`test -v ${active}`])).toBe(true);
    const allowed = texts.filter((text) => readPlainWords(text) !== undefined);
    expect(allowed.length).toBeGreaterThan(20);
    expect(runs(allowed)).toBe(false);
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
