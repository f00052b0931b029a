import { describe, expect, it } from "vitest";
import { decideIdle, IdleWatch, type Usage } from "../../../bridge/lifecycle/idle.ts";

const UNUSED: Usage = { streams: 0, runningJobs: 0, pendingApprovals: 0, pairedChats: 0, lastActivityMs: 0 };
const LIMIT_MS = 1_000;

describe("whether an idle bridge stops", () => {
  it.each([
    { name: "in the foreground", usage: UNUSED, since: 0, now: 9e9, limit: undefined, stops: false, next: undefined },
    {
      name: "at the first look",
      usage: UNUSED,
      since: undefined,
      now: 5_000,
      limit: LIMIT_MS,
      stops: false,
      next: 5_000,
    },
    {
      name: "just before the limit",
      usage: UNUSED,
      since: 5_000,
      now: 5_999,
      limit: LIMIT_MS,
      stops: false,
      next: 5_000,
    },
    { name: "at the limit", usage: UNUSED, since: 5_000, now: 6_000, limit: LIMIT_MS, stops: true, next: 5_000 },
    { name: "with a stream", usage: { ...UNUSED, streams: 1 }, since: 0, now: 9e9, limit: LIMIT_MS, stops: false },
    { name: "with a job", usage: { ...UNUSED, runningJobs: 1 }, since: 0, now: 9e9, limit: LIMIT_MS, stops: false },
    {
      name: "while a question waits",
      usage: { ...UNUSED, pendingApprovals: 1 },
      since: 0,
      now: 9e9,
      limit: LIMIT_MS,
      stops: false,
    },
    {
      name: "with a paired chat",
      usage: { ...UNUSED, pairedChats: 1 },
      since: 0,
      now: 9e9,
      limit: LIMIT_MS,
      stops: false,
    },
    {
      name: "after a request in between",
      usage: { ...UNUSED, lastActivityMs: 5_500 },
      since: 5_000,
      now: 6_400,
      limit: LIMIT_MS,
      stops: false,
      next: 5_500,
    },
  ])("$name: $stops", ({ usage, since, now, limit, stops, next }) => {
    expect(decideIdle(usage, since, now, limit)).toEqual({ kind: stops ? "stop" : "stay", idleSinceMs: next });
  });

  it("is said once, and not before the bridge was idle all the time", () => {
    let nowMs = 0;
    let usage = { ...UNUSED, streams: 1 };
    const stops: number[] = [];
    const watch = new IdleWatch({
      usage: () => usage,
      onIdle: (sinceMs) => stops.push(sinceMs),
      limitMs: LIMIT_MS,
      nowMs: () => nowMs,
    });
    const lookAt = (timeMs: number) => {
      nowMs = timeMs;
      watch.look();
    };
    lookAt(10_000);
    usage = UNUSED;
    lookAt(20_000);
    usage = { ...UNUSED, runningJobs: 1 };
    lookAt(20_500);
    usage = UNUSED;
    lookAt(21_500);
    lookAt(22_499);
    expect(stops).toEqual([]);
    lookAt(22_500);
    expect(stops).toEqual([21_500]);
  });

  it("is looked at while it runs", async () => {
    const stopped = await new Promise<number>((onIdle) => {
      new IdleWatch({ usage: () => UNUSED, onIdle, limitMs: 4 }).start();
    });
    expect(stopped).toBeGreaterThan(0);
  });
});
