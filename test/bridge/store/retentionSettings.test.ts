/** Holds the file that people edit to saying exactly what it says, and to doing no harm when it says nonsense. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  DEFAULT_MAX_BYTES,
  DEFAULT_RETENTION_DAYS,
  RetentionSettingsFile,
} from "../../../bridge/store/retentionSettings.ts";

const home = mkdtempSync(join(tmpdir(), "televibe-retention-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
let files = 0;
const newPath = () => join(home, `retention-${++files}.json`);

const DEFAULTS = { days: DEFAULT_RETENTION_DAYS, max_bytes: DEFAULT_MAX_BYTES, projects: {}, pinned: [] };
const main = { project_id: "shop", session_id: "main" };

describe("retention.json", () => {
  it("leaves all to the defaults when it is not there, and what it does not say", async () => {
    const path = newPath();
    expect(await new RetentionSettingsFile({ path }).read()).toEqual(DEFAULTS);
    expect(await new RetentionSettingsFile({ path, defaultDays: 7 }).read()).toEqual({ ...DEFAULTS, days: 7 });
    writeFileSync(path, '{"projects": {"scratch": {"days": 1}}}');
    expect(await new RetentionSettingsFile({ path, defaultDays: 7 }).read()).toEqual({
      ...DEFAULTS,
      days: 7,
      projects: { scratch: { days: 1 } },
    });
  });

  it("says what it says", async () => {
    const path = newPath();
    const content = { days: null, max_bytes: 64_000_000, projects: { "org/repo": { days: null } }, pinned: [main] };
    writeFileSync(path, JSON.stringify(content));
    expect(await new RetentionSettingsFile({ path }).read()).toEqual(content);
  });

  it.each([
    { what: "no JSON", text: '{"days": 90', problem: /not valid JSON/ },
    { what: "a misspelt field", text: '{"day": 90}', problem: /"day"/ },
    { what: "a wrong value", text: '{"days": "90"}', problem: /\/days: must be a whole number of days/ },
    { what: "no time at all", text: '{"days": 0}', problem: /\/days: must be at least 1/ },
    { what: "a bound that holds nothing", text: '{"max_bytes": 5000}', problem: /\/max_bytes: must be at least/ },
    { what: "a wrong project", text: '{"projects": {"a": 7}}', problem: /\/projects\/a/ },
    {
      what: "a pin without its project",
      text: '{"pinned": [{"session_id": "main"}]}',
      problem: /\/pinned\/0\/project_id/,
    },
  ])("with $what names it, and what was read before stays in force", async ({ text, problem }) => {
    const path = newPath();
    writeFileSync(path, '{"days": 365}');
    const file = new RetentionSettingsFile({ path });
    await file.read();
    writeFileSync(path, text);
    expect(await file.read()).toEqual({ ...DEFAULTS, days: 365 });
    expect(file.problem).toMatch(problem);
    expect(file.problem).toContain(path);
    writeFileSync(path, "{}");
    expect(await file.read()).toEqual(DEFAULTS);
    expect(file.problem).toBeUndefined();
  });

  it("that was never right puts nothing in force", async () => {
    const path = newPath();
    writeFileSync(path, '{"days": 365,}');
    const file = new RetentionSettingsFile({ path });
    expect(await file.read()).toBeUndefined();
    expect(file.problem).toMatch(/not valid JSON/);
  });
});

describe("a change", () => {
  it("leaves the rest of the file as it is, and readable by its owner alone", async () => {
    const path = newPath();
    writeFileSync(path, JSON.stringify({ projects: { a: { days: 1 }, b: { days: 2 } } }));
    const file = new RetentionSettingsFile({ path, defaultDays: 9 });
    await file.change({ max_bytes: null, projects: { a: null, c: { days: null } } });
    await file.pin(main);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      max_bytes: null,
      projects: { b: { days: 2 }, c: { days: null } },
      pinned: [main],
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(file.current?.days).toBe(9);
  });

  it("pins and unpins one session once, also when several ask at once", async () => {
    const file = new RetentionSettingsFile({ path: newPath() });
    const other = { ...main, project_id: "other" };
    await Promise.all([file.pin(main), file.pin(other), file.pin(main)]);
    expect(file.current?.pinned).toEqual([other, main]);
    await Promise.all([file.unpin(main), file.change({ days: 3 })]);
    expect(file.current).toMatchObject({ days: 3, pinned: [other] });
  });

  it("does not write over a file that is wrong", async () => {
    const path = newPath();
    writeFileSync(path, '{"days": 365,}');
    const file = new RetentionSettingsFile({ path });
    await expect(file.pin(main)).rejects.toMatchObject({ code: "settings_invalid" });
    expect(readFileSync(path, "utf8")).toBe('{"days": 365,}');
  });
});
