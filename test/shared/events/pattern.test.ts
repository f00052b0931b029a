import { describe, expect, it } from "vitest";
import { EVENT_TYPES } from "../../../shared/events/known.ts";
import { isEventPattern, matchesPattern } from "../../../shared/events/pattern.ts";
import { type Cursor, formatCursor, parseCursor } from "../../../shared/protocol/cursor.ts";
import {
  type EventFilter,
  FilterError,
  filterParameters,
  matchesFilter,
  parseFilter,
} from "../../../shared/protocol/filter.ts";
import { storedEvent } from "../../builders/storedEvent.ts";

describe("A pattern", () => {
  it.each(["*", "job.*", "coordination.*", "job.started", "job.paused"])("can be %j", (pattern) => {
    expect(isEventPattern(pattern)).toBe(true);
  });

  it.each([
    "",
    "**",
    "job",
    "job.",
    ".*",
    "*.*",
    "*.started",
    "jobs.*",
    "job.*.x",
    "job.start*",
    "JOB.*",
    "stream.*",
    "stream.gap",
    " *",
  ])("cannot be %j", (pattern) => {
    expect(isEventPattern(pattern)).toBe(false);
  });

  it("matches all, a domain, or one type", () => {
    const matched = (pattern: string) => EVENT_TYPES.filter((type) => matchesPattern(pattern, type));
    expect(matched("*")).toEqual(EVENT_TYPES);
    expect(matched("job.*")).toHaveLength(11);
    expect(matched("job.*").every((type) => type.startsWith("job."))).toBe(true);
    expect(matched("job.started")).toEqual(["job.started"]);
    expect(matched("job.paused")).toEqual([]);
    expect(matchesPattern("job.*", "job.paused")).toBe(true);
    expect(matchesPattern("job.*", "jobs.started")).toBe(false);
  });
});

describe("A filter", () => {
  const parsed = (query: string, others?: readonly string[]) => parseFilter(new URLSearchParams(query), others);

  it.each<[string, EventFilter]>([
    ["", {}],
    ["project_id=a&project_id=b", { project_id: ["a", "b"] }],
    ["type=job.*,task.created&type=*", { type: ["job.*", "task.created", "*"] }],
    ["session_id=feature%2Flogin&job_id=j", { session_id: ["feature/login"], job_id: ["j"] }],
    ["since=2026-11-23T10:00:00%2B02:00", { since: "2026-11-23T08:00:00.000Z" }],
    ["until=2026-11-23T10:00Z", { until: "2026-11-23T10:00:00.000Z" }],
  ])("is read from %j, and written back", (query, filter) => {
    expect(parsed(query)).toEqual(filter);
    expect(parseFilter(filterParameters(filter))).toEqual(filter);
  });

  it("leaves to others what is theirs", () => {
    expect(parsed("limit=3&job_id=j", ["limit"])).toEqual({ job_id: ["j"] });
  });

  it.each([
    ["projectid=a", "projectid"],
    ["limit=3", "limit"],
    ["project_id=", "project_id"],
    ["type=", "type"],
    ["type=job", "type"],
    ["type=job.*,", "type"],
    ["type=stream.gap", "type"],
    ["since=yesterday", "since"],
    ["since=2026-11-23", "since"],
    ["since=2026-11-23T10:00:00", "since"],
    ["since=2026-13-01T10:00:00Z", "since"],
    ["since=2026-11-23T10:00Z&since=2026-11-23T11:00Z", "since"],
    ["until=0", "until"],
    ["__proto__=a", "__proto__"],
  ])("is not %j", (query, parameter) => {
    expect(() => parsed(query)).toThrow(FilterError);
    expect(() => parsed(query)).toThrow(expect.objectContaining({ parameter, code: "invalid_filter" }));
  });

  const event = storedEvent(5, { type: "job.queued", project: "p", session: "s", job: "j" });
  it.each<[EventFilter, boolean]>([
    [{}, true],
    [{ project_id: ["x", "p"] }, true],
    [{ project_id: ["x"] }, false],
    [{ project_id: [] }, false],
    [{ project_id: ["p"], session_id: ["x"] }, false],
    [{ session_id: ["s"], job_id: ["j"], type: ["task.*", "job.queued"] }, true],
    [{ type: ["job.started"] }, false],
    [{ since: event.timestamp, until: event.timestamp }, true],
    [{ since: "2026-11-23T09:30:05.001Z" }, false],
    [{ until: "2026-11-23T09:30:04.999Z" }, false],
  ])("%j passes an event: %s", (filter, passes) => {
    expect(matchesFilter(filter, event)).toBe(passes);
  });

  it("for a session or job leaves out events of none", () => {
    const loose = storedEvent(1, { type: "project.scanned", session: null });
    expect(matchesFilter({ session_id: ["s"] }, loose)).toBe(false);
    expect(matchesFilter({ job_id: ["j"] }, loose)).toBe(false);
    expect(matchesFilter({ project_id: ["shop"] }, loose)).toBe(true);
  });
});

describe("A cursor", () => {
  it.each<[string, Cursor]>([
    ["0", { seq: 0 }],
    ["42", { seq: 42 }],
    ["0123456789abcdef-42", { epoch: "0123456789abcdef", seq: 42 }],
    ["9007199254740991", { seq: Number.MAX_SAFE_INTEGER }],
  ])("is read from %j, and written back", (text, cursor) => {
    expect(parseCursor(text)).toEqual(cursor);
    expect(formatCursor(cursor)).toBe(text);
  });

  it.each([
    "",
    "-1",
    "01",
    "1.5",
    "1e3",
    "x",
    " 1",
    "1 ",
    "1\n",
    "ABCDEF01-1",
    "abc-1",
    "abcdef01-",
    "abcdef01-1-1",
    "9007199254740992",
  ])("is not %j", (text) => {
    expect(parseCursor(text)).toBeUndefined();
  });
});
