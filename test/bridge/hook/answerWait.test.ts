import { describe, expect, it } from "vitest";
import { type AskTimes, awaitAnswer } from "../../../bridge/hook/answerWait.ts";
import type { HookReply } from "../../../bridge/hook/runningBridge.ts";

const WAIT: HookReply = { kind: "wait", approval_id: "a1" };
const ANSWER: HookReply = { kind: "answer", output: "allowed" };
const LOST: HookReply = { kind: "lost" };
const AWAY: HookReply = { kind: "away" };
const HOUR_MS = 3_600_000;

/** Gives these replies one after the other, and the last one again and again. */
function script(replies: readonly HookReply[]) {
  const times: AskTimes[] = [];
  const ask = async (...asked: AskTimes): Promise<HookReply> => {
    times.push(asked);
    return replies[times.length - 1] ?? replies.at(-1) ?? LOST;
  };
  return { times, ask };
}

describe("waiting for an answer", () => {
  it("asks again as long as there is none", async () => {
    const { times, ask } = script([WAIT, WAIT, ANSWER]);
    expect(await awaitAnswer({ waitMs: HOUR_MS, graceMs: 0, ask })).toBe("allowed");
    expect(times).toEqual(Array.from({ length: 3 }, () => [30, 40_000]));
  });

  it("asks for a short wait behind a failure, until the bridge is seen to be back", async () => {
    const { times, ask } = script([WAIT, LOST, AWAY, WAIT, ANSWER]);
    expect(await awaitAnswer({ waitMs: HOUR_MS, graceMs: 60_000, ask })).toBe("allowed");
    expect(times.map(([waitSeconds]) => waitSeconds)).toEqual([30, 30, 1, 1, 30]);
  });

  it.each([
    { what: "is withdrawn", replies: [WAIT, { kind: "done" }] },
    { what: "is not known to the bridge", replies: [{ kind: "refused", reason: "404" }] },
    { what: "finds no bridge for longer than its grace", replies: [WAIT, AWAY] },
    { what: "finds one that does not answer for longer than its grace", replies: [WAIT, LOST] },
  ] as const)("ends with nothing to print where it $what", async ({ replies }) => {
    expect(await awaitAnswer({ waitMs: HOUR_MS, graceMs: 20, ask: script(replies).ask })).toBeUndefined();
  });

  it("ends with nothing to print when its own time is over, and never lets the bridge wait longer", async () => {
    const asked: AskTimes[] = [];
    const ask = async (...times: AskTimes): Promise<HookReply> => {
      asked.push(times);
      return new Promise((resolve) => setTimeout(resolve, times[1], WAIT));
    };
    expect(await awaitAnswer({ waitMs: 20, graceMs: 0, ask })).toBeUndefined();
    for (const [waitSeconds, timeoutMs] of asked) {
      expect(waitSeconds).toBe(1);
      expect(timeoutMs).toBeLessThanOrEqual(20);
    }
  });
});
