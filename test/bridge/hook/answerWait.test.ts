import { describe, expect, it } from "vitest";
import { type AskTimes, awaitAnswer } from "../../../bridge/hook/answerWait.ts";
import type { HookReply } from "../../../bridge/hook/runningBridge.ts";

const WAIT: HookReply = { kind: "wait", approval_id: "a1" };
const ANSWER: HookReply = { kind: "answer", output: "allowed" };
const DONE: HookReply = { kind: "done" };
const LOST: HookReply = { kind: "lost" };
const AWAY: HookReply = { kind: "away" };
const HOUR_MS = 3_600_000;

/** Gives these replies one after the other, and the last one again and again. */
function script(replies: readonly HookReply[]) {
  const times: AskTimes[] = [];
  const farewells: number[] = [];
  const giveUp = async (timeoutMs: number): Promise<HookReply> => {
    farewells.push(timeoutMs);
    return DONE;
  };
  const ask = async (...asked: AskTimes): Promise<HookReply> => {
    times.push(asked);
    return replies[times.length - 1] ?? replies.at(-1) ?? LOST;
  };
  return { times, farewells, ask, giveUp };
}

describe("waiting for an answer", () => {
  it("asks again as long as there is none", async () => {
    const { times, ...bridge } = script([WAIT, WAIT, ANSWER]);
    expect(await awaitAnswer({ waitMs: HOUR_MS, graceMs: 0, ...bridge })).toBe("allowed");
    expect(times).toEqual(Array.from({ length: 3 }, () => [30, 40_000]));
  });

  it("asks for a short wait behind a failure, until the bridge is seen to be back", async () => {
    const { times, ...bridge } = script([WAIT, LOST, AWAY, WAIT, ANSWER]);
    expect(await awaitAnswer({ waitMs: HOUR_MS, graceMs: 60_000, ...bridge })).toBe("allowed");
    expect(times.map(([waitSeconds]) => waitSeconds)).toEqual([30, 30, 1, 1, 30]);
  });

  it.each([
    { what: "is withdrawn", replies: [WAIT, DONE], farewells: [] },
    { what: "is not known to the bridge", replies: [{ kind: "refused", reason: "404" }], farewells: [] },
    { what: "finds no bridge for longer than its grace", replies: [WAIT, AWAY], farewells: [1000] },
    { what: "finds one that does not answer for longer than its grace", replies: [WAIT, LOST], farewells: [1000] },
  ] as const)("ends with nothing to print where it $what", async ({ replies, farewells }) => {
    const bridge = script(replies);
    expect(await awaitAnswer({ waitMs: HOUR_MS, graceMs: 20, ...bridge })).toBeUndefined();
    expect(bridge.farewells).toEqual(farewells);
  });

  it("says that it gives up when its time is over, and prints what was decided just then", async () => {
    const bridge = { ask: script([WAIT]).ask, giveUp: async () => ANSWER };
    expect(await awaitAnswer({ waitMs: 0, graceMs: 0, ...bridge })).toBe("allowed");
  });

  it("ends with nothing to print when its own time is over, and never lets the bridge wait longer", async () => {
    const asked: AskTimes[] = [];
    const ask = async (...times: AskTimes): Promise<HookReply> => {
      asked.push(times);
      return new Promise((resolve) => setTimeout(resolve, times[1], WAIT));
    };
    expect(await awaitAnswer({ waitMs: 20, graceMs: 0, ask, giveUp: async () => DONE })).toBeUndefined();
    for (const [waitSeconds, timeoutMs] of asked) {
      expect(waitSeconds).toBe(1);
      expect(timeoutMs).toBeLessThanOrEqual(20);
    }
  });
});
