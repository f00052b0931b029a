/** Rules for one session go with it, and those that people wrote themselves stay. */
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createLogger } from "../../../bridge/diagnostics/logger.ts";
import { isGone, SessionRules } from "../../../bridge/rules/sessionRules.ts";
import type { Rule } from "../../../shared/protocol/rules.ts";
import { stateAfter } from "../../builders/storedEvent.ts";
import { eventually } from "../../support/eventually.ts";
import { postEvents, startTestServer } from "../http/testServer.ts";

const log = createLogger({ write: () => undefined, nowMs: Date.now });
const DAY_MS = 24 * 60 * 60 * 1000;
/** When the builder's first event happened. */
const EVENT_MS = Date.parse("2026-11-23T09:30:01.000Z");

describe("A rule of a session that has closed", () => {
  it("goes at once; that of another project, of another session, or of a person's own making stays", async () => {
    await using server = await startTestServer();
    const remembered_at = new Date().toISOString();
    const rule = { decision: "allow", tool: "Bash", session: "s1", project: "shop", remembered_at };
    const kept = [
      { ...rule, project: "other" },
      { ...rule, session: "s2" },
      { decision: "allow", tool: "Bash", session: "s1", project: "shop" },
    ];
    writeFileSync(server.rulesFile.path, JSON.stringify({ rules: [kept[0], rule, kept[1], kept[2]] }));
    const sessionRules = new SessionRules({
      file: server.rulesFile,
      bus: server.bus,
      state: () => server.projection.state,
      nowMs: Date.now,
      log,
    });
    sessionRules.start();
    await postEvents(server, { event_type: "session.closed", project_id: "shop", session_id: "s1", data: {} });
    await eventually("the rule's end", async () => (await server.rulesFile.read()).rules.length === 3 || undefined);
    await sessionRules.stop();
    expect(JSON.parse(readFileSync(server.rulesFile.path, "utf8"))).toEqual({ rules: kept });
  });
});

describe("A session is gone", () => {
  const unknown = stateAfter([]);
  const active = stateAfter([{ type: "job.started", job: "j", data: { instruction: "x" } }]);
  const closed = stateAfter([{ type: "session.closed" }]);
  const afterEvent = (days: number) => EVENT_MS + days * DAY_MS;

  it.each([
    { what: "when nothing was heard of it for a week", state: active, remembered: -1, now: 7.1, gone: true },
    { what: "not while something is heard of it", state: active, remembered: -30, now: 6.9, gone: false },
    { what: "not while its rule is new", state: active, remembered: 6, now: 8, gone: false },
    { what: "when it is forgotten, and its rule is old", state: unknown, remembered: 0, now: 7.1, gone: true },
    { what: "not when it is not known yet", state: unknown, remembered: 0, now: 1, gone: false },
    { what: "when it closed while nobody looked", state: closed, remembered: -1, now: 0.1, gone: true },
    { what: "not when it closed before it was asked in again", state: closed, remembered: 1, now: 2, gone: false },
  ])("$what", ({ state, remembered, now, gone }) => {
    const remembered_at = new Date(afterEvent(remembered)).toISOString();
    const rule: Rule = { decision: "allow", tool: "Bash", project: "shop", session: "s1", remembered_at };
    expect(isGone(rule, state, afterEvent(now))).toBe(gone);
  });
});
