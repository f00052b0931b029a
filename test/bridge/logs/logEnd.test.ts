/** Holds the shortest way to a log's end to what the bridge answers. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { FileLogStore } from "../../../bridge/logs/fileLogStore.ts";
import { MAX_LINE_BYTES, MAX_TAIL_BYTES } from "../../../bridge/logs/lines.ts";
import { readLogEnd } from "../../../bridge/logs/logEnd.ts";
import type { LogBounds } from "../../../bridge/logs/logSegments.ts";

const home = mkdtempSync(join(tmpdir(), "televibe-log-end-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
let folders = 0;

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** Writes a log as the bridge does, and reads its end both ways. */
async function ends(pieces: readonly (string | Uint8Array)[], count: number, bounds?: LogBounds) {
  const directory = join(home, `${++folders}`);
  const logs = new FileLogStore({ directory, log: quiet, ...(bounds === undefined ? {} : { bounds }) });
  await logs.start();
  for (const piece of pieces) await logs.append("job", Buffer.from(piece));
  const { lines } = await logs.read("job", { lines: count });
  await logs.stop();
  return { direct: readLogEnd(directory, "job", count), bridge: lines, directory };
}

describe("the end of a log, read from its files", () => {
  it("is what the bridge answers, whatever is in it and however many files it has", async () => {
    const piece = fc.oneof(
      fc.constantFrom("\n", "\r\n", "\n\n", "10%\r20%\r", "é", "half a line", "\u001b[31mred\u001b[0m\n"),
      fc.uint8Array({ maxLength: 20 }),
      fc.integer({ min: 1, max: 300 }).map((length) => `${"line ".repeat(length)}\n`),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom(undefined, { maxBytes: 400, segmentBytes: 100 }),
        async (pieces, count, bounds) => {
          const { direct, bridge } = await ends(pieces, count, bounds);
          expect(direct ?? []).toEqual(bridge);
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each([
    { name: "more lines than the first look reaches", pieces: ["a line\n".repeat(40_000)], count: 20_000 },
    { name: "a line of several pieces", pieces: ["a\n", "é".repeat(MAX_LINE_BYTES), "\nb"], count: 2 },
    { name: "no line end as far as is looked", pieces: ["x".repeat(MAX_TAIL_BYTES + 10)], count: 3 },
    { name: "fewer lines than asked for", pieces: ["one\ntwo"], count: 50 },
  ])("is the same: $name", async ({ pieces, count }) => {
    const { direct, bridge } = await ends(pieces, count);
    expect(direct).toEqual(bridge);
    expect(bridge.length).toBeGreaterThan(0);
  });

  it("goes on into older files, and begins where the log begins by now", async () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index}\n`);
    const { direct, directory } = await ends(lines, 1000, { maxBytes: 300, segmentBytes: 50 });
    expect(readdirSync(directory)).not.toContain("job.log");
    expect(direct?.at(-1)).toBe("line 99");
    expect(direct?.length).toBeGreaterThan(20);
    expect(direct?.length).toBeLessThan(100);
  });

  it("is undefined where there is no log", () => {
    expect(readLogEnd(home, "none", 5)).toBeUndefined();
  });
});
