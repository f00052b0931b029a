import { describe, expect, it } from "vitest";
import { statusText } from "../../../extension/statusBar/statusText.ts";
import type { ConnectionStatus } from "../../../shared/client/connectionStatus.ts";
import { EMPTY_STATE, type State } from "../../../shared/state/state.ts";
import { type EventFacts, stateAfter } from "../../builders/storedEvent.ts";
import { healthWith } from "../healthWith.ts";

const connected: ConnectionStatus = {
  state: "connected",
  entry: {
    schema: 1,
    instance_id: "i",
    pid: 42,
    version: "1.2.3",
    protocol: 1,
    socket: null,
    url: "http://127.0.0.1:1",
    token: "secret",
    started_at: "",
    data_dir: "/data",
  },
};
const lost = (attempt: number): ConnectionStatus => ({
  state: "reconnecting",
  since: "2026-11-23T09:00:00.000Z",
  attempt,
  reason: "it ended\nand more",
});
const start = (job: string): EventFacts => ({ type: "job.started", job, data: { instruction: job } });
const NOW_MS = Date.parse("2026-11-23T10:00:00.000Z");
const ask = (job: string, leftSeconds?: number, rest: object = {}): EventFacts => {
  const limit = leftSeconds && { expires_at: new Date(NOW_MS + leftSeconds * 1000).toISOString() };
  return { type: "job.approval_needed", job, data: { scope: "s", action: "a", ...limit, ...rest } };
};

describe("the status bar", () => {
  it.each<{ name: string; status: ConnectionStatus; state: State; text: string; isWarning: boolean; says: string }>([
    {
      name: "connecting",
      status: { state: "connecting" },
      state: EMPTY_STATE,
      text: "$(sync~spin) Televibe connecting",
      isWarning: false,
      says: "Connecting to the bridge.",
    },
    {
      name: "lost a moment ago",
      status: lost(0),
      state: EMPTY_STATE,
      text: "$(sync~spin) Televibe connecting",
      isWarning: false,
      says: "The bridge is away: it ended",
    },
    {
      name: "away",
      status: lost(1),
      state: stateAfter([ask("j1")]),
      text: "$(warning) Televibe away",
      isWarning: true,
      says: "When it was last seen, 1 approval is waiting.",
    },
    {
      name: "idle",
      status: connected,
      state: EMPTY_STATE,
      text: "$(pulse) Televibe",
      isWarning: false,
      says: "No job is running.",
    },
    {
      name: "at work",
      status: connected,
      state: stateAfter([start("j1"), start("j2")]),
      text: "$(pulse) 2 running",
      isWarning: false,
      says: "2 jobs are running.",
    },
    {
      name: "waiting",
      status: connected,
      state: stateAfter([start("j1"), ask("j2")]),
      text: "$(pulse) 1 running $(bell) 1",
      isWarning: true,
      says: "1 approval is waiting for an answer.",
    },
    {
      name: "waiting for long yet",
      status: connected,
      state: stateAfter([ask("j1", 301)]),
      text: "$(pulse) Televibe $(bell) 1",
      isWarning: true,
      says: "1 approval is waiting for an answer.",
    },
    {
      name: "running out, the first of all",
      status: connected,
      state: stateAfter([ask("j1", 200), ask("j2", 42, { on_timeout: "approve" }), ask("j3")]),
      text: "$(pulse) Televibe $(bell) 3 · approved in 0:42",
      isWarning: true,
      says: "3 approvals are waiting for an answer.",
    },
  ])("$name: $text", ({ status, state, text, isWarning, says }) => {
    const shown = statusText(status, state, undefined, NOW_MS);
    expect([shown.text, shown.isWarning]).toEqual([text, isWarning]);
    expect(shown.sentences).toContain(says);
    expect(JSON.stringify(shown)).not.toContain("secret");
  });

  it("says what the bridge warns of, such as Redis being away", () => {
    const health = healthWith({ warnings: ["Redis is away since 09:00."] });
    const shown = statusText(connected, EMPTY_STATE, health, NOW_MS);
    expect(shown.text).toBe("$(pulse) Televibe $(warning)");
    expect(shown.sentences).toContain("Redis is away since 09:00.");
    expect(shown.spoken).toContain("1 warning.");
  });
});
