/** Replays a session from the bridge's own server, as it was published there. */
import { describe, expect, it } from "vitest";
import { Replay } from "../../../extension/replay/replayText.ts";
import { MAX_REPLAY_EVENTS, readSessionEvents } from "../../../extension/replay/sessionEvents.ts";
import { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import { MAX_QUERY_LIMIT } from "../../../shared/protocol/version.ts";
import { startTestServer, TOKEN } from "../../bridge/http/testServer.ts";
import { type EventFacts, storedEvent } from "../../builders/storedEvent.ts";

const SESSION = { project_id: "shop", session_id: "s1" };
const story: readonly EventFacts[] = [
  { type: "session.created", data: { name: "main" } },
  { type: "job.started", job: "j1", data: { instruction: "npm test" } },
  { type: "job.approval_needed", job: "j1", data: { approval_id: "a1", scope: "git", action: "git push" } },
  { type: "job.approved", job: "j1", data: { approval_id: "a1", decided_by: { name: "Ann" }, surface: "telegram" } },
  { type: "job.completed", job: "j1", data: { duration_seconds: 12 } },
];
const events = story.map((facts, index) => storedEvent(index + 1, facts));

describe("a replay", () => {
  it("says each event in a line, under the state that they come to", () => {
    const replay = new Replay(SESSION);
    replay.play(events);
    expect(replay.text(0).split("\n")).toEqual([
      "# shop / main · idle",
      "# 5 events, 1 job (0 running), 1 approval (0 waiting)",
      "#   npm test — completed · 12s",
      "",
      "2026-11-23 09:30:01  + session      shop / main",
      "2026-11-23 09:30:02  ▶ started      shop / main: npm test",
      "2026-11-23 09:30:03  ? asks         shop / main: git push (git)",
      "2026-11-23 09:30:04  ✓ approved     shop / main: git push: Approved by Ann in Telegram",
      "2026-11-23 09:30:05  ✓ completed    shop / main: npm test · 12s",
      "",
    ]);
  });

  it("shows the state as it was, while it plays", () => {
    const replay = new Replay(SESSION);
    replay.play(events.slice(0, 3));
    const text = replay.text(2);
    expect(text).toContain("# 3 events, 1 job (1 running), 1 approval (1 waiting)");
    expect(text).toContain("#   npm test — waiting for approval");
    expect(text).toContain("#   waits: git push");
    expect(text).toMatch(/… 2 more events to play\n$/);
    replay.play(events.slice(3));
    const whole = new Replay(SESSION);
    whole.play(events);
    expect(replay.text(0)).toBe(whole.text(0));
  });

  it("of a session without events says so", () => {
    expect(new Replay(SESSION).text(0)).toContain("# shop / s1\n# 0 events");
  });
});

describe("the past of a session", () => {
  async function published(count: number) {
    const server = await startTestServer();
    const client = new BridgeClient({ socket: server.socketPath, url: server.url, token: TOKEN });
    const progress = (session_id: string, index: number) => ({
      event_type: "job.progress",
      project_id: "shop",
      session_id,
      job_id: `job-${session_id}`,
      data: { message: `${index}` },
    });
    await client.publish(
      Array.from({ length: count }, (_, index) => [progress("s1", index), progress("s2", index)]).flat(),
    );
    return { client, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  }

  it("is read whole, page after page, oldest first, and of that session alone", async () => {
    await using bridge = await published(MAX_QUERY_LIMIT * 2 + 5);
    const past = await readSessionEvents(bridge.client, SESSION, new AbortController().signal);
    expect(past.isCut).toBe(false);
    expect(past.events.map(({ data }) => ("message" in data ? Number(data.message) : undefined))).toEqual(
      Array.from({ length: MAX_QUERY_LIMIT * 2 + 5 }, (_, index) => index),
    );
  });

  it("is the newest part of it, where there is too much", async () => {
    let asked = 0;
    const client = {
      eventsPage: async () => {
        asked += 1;
        return {
          events: Array.from({ length: MAX_QUERY_LIMIT }, () => storedEvent(asked, { type: "job.progress", job: "j" })),
          next: "x-1",
        };
      },
    };
    const past = await readSessionEvents(client, SESSION, new AbortController().signal);
    expect([past.events.length, past.isCut]).toEqual([MAX_REPLAY_EVENTS, true]);
    expect([past.events[0]?.seq, past.events.at(-1)?.seq]).toEqual([MAX_REPLAY_EVENTS / MAX_QUERY_LIMIT, 1]);
  });
});
