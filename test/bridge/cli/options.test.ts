import { describe, expect, it } from "vitest";
import { CliError, EXIT_USAGE } from "../../../bridge/cli/cliError.ts";
import { toFilter, toTime } from "../../../bridge/cli/filterOptions.ts";
import { parseCount, parseSeconds } from "../../../bridge/cli/sharedOptions.ts";

/** What a person is told who wrote something that is not understood. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof CliError && error.exitCode === EXIT_USAGE) return error.message;
    throw error;
  }
  throw new Error("It was understood");
}

describe("parseSeconds", () => {
  it.each([
    { text: "90", seconds: 90 },
    { text: "30s", seconds: 30 },
    { text: "5m", seconds: 300 },
    { text: "1.5h", seconds: 5400 },
    { text: "1d", seconds: 86_400 },
  ])("reads $text", ({ text, seconds }) => expect(parseSeconds(text)).toBe(seconds));

  it.each(["", "soon", "-5", "5 m", "5w", "1e3", "m"])("refuses %j, with its own words", (text) => {
    expect(refusal(() => parseSeconds(text))).toContain(`"${text}"`);
  });
});

describe("parseCount", () => {
  it("reads a whole number above zero", () => expect(parseCount("12")).toBe(12));
  it.each(["0", "-1", "1.5", "", "many", "99999999999999999999"])("refuses %j", (text) => {
    expect(refusal(() => parseCount(text))).toContain(`"${text}"`);
  });
});

describe("toTime", () => {
  const nowMs = Date.parse("2026-11-23T12:00:00.000Z");
  it.each([
    { text: "2h", time: "2026-11-23T10:00:00.000Z" },
    { text: "3d", time: "2026-11-20T12:00:00.000Z" },
    { text: "2026-11-01", time: "2026-11-01T00:00:00.000Z" },
    { text: "2026-11-01T10:00:00+02:00", time: "2026-11-01T08:00:00.000Z" },
  ])("reads $text", ({ text, time }) => expect(toTime(text, nowMs)).toBe(time));
  it("refuses what is none", () => expect(refusal(() => toTime("whenever", nowMs))).toContain('"whenever"'));
});

describe("toFilter", () => {
  it("takes the names that people know for those of the protocol", () => {
    const options = { project: "shop", session: "main", job: "j1", type: ["job.*"], since: "2026-11-01" };
    expect(toFilter(options, 0)).toMatchObject({ project_id: ["shop"], session_id: ["main"], job_id: ["j1"] });
  });
  it("refuses a pattern that is none", () => {
    expect(refusal(() => toFilter({ type: ["job.%"] }, 0))).toContain("job.%");
  });
});
