/** When a chat's batch goes out, and what becomes of it when it cannot. Time stands still until the test lets a wait end. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Clock } from "../../../bridge/telegram/api/clock.ts";
import { ChatBatcher } from "../../../bridge/telegram/notify/chatBatcher.ts";
import { eventNotice } from "../../../bridge/telegram/notify/eventMessage.ts";
import { OutboxError } from "../../../bridge/telegram/outbox/outboxError.ts";
import { storedEvent } from "../../builders/storedEvent.ts";

class HeldClock implements Clock {
  time = 0;
  readonly waits: { readonly ms: number; readonly end: () => void }[] = [];

  nowMs = () => this.time;
  dateMs = () => this.time;
  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((end) => {
      this.waits.push({ ms, end });
      signal?.addEventListener("abort", () => end());
    });
  }

  /** Lets the newest wait end; answers how long it was. */
  async pass(): Promise<number> {
    const wait = this.waits.pop();
    if (wait === undefined) throw new Error("Nothing waits");
    this.time += wait.ms;
    wait.end();
    await settle();
    return wait.ms;
  }
}

/** Until everything that follows without waiting has happened. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

let clock: HeldClock;
let sent: string[];
let failures: unknown[];
let answers: Promise<unknown>[];
let batcher: ChatBatcher;
beforeEach(() => {
  clock = new HeldClock();
  sent = [];
  failures = [];
  answers = [];
  batcher = new ChatBatcher({
    clock,
    send: async ({ text }) => {
      await answers.shift();
      sent.push(text);
    },
    onFailed: (error) => failures.push(error),
  });
});
afterEach(() => batcher.stop());

function add(message: string): void {
  const notice = eventNotice(storedEvent(1, { type: "job.progress", job: "j", data: { message } }));
  if (notice !== undefined) batcher.add(notice);
}

const refusal = (code: "coolingOff" | "stale") => {
  const answer = Promise.reject(new OutboxError(code));
  answer.catch(() => undefined);
  return answer;
};

describe("a chat's batch", () => {
  it("goes out two seconds after its first notice", async () => {
    add("one");
    add("two");
    expect(sent).toEqual([]);
    expect(await clock.pass()).toBe(2_000);
    expect(sent).toEqual(["📂 s1 (shop):\n  • progress: one\n  • progress: two"]);
  });

  it("goes at once when something comes that it must not stand behind", async () => {
    add("one");
    batcher.flush("done");
    await settle();
    expect(sent).toEqual(["⚙️ s1: one"]);
    batcher.flush("done");
    await settle();
    expect(sent).toHaveLength(1);
  });

  it("collects for longer while it goes on and on, and is quick again after a pause", async () => {
    const windows: number[] = [];
    for (const pauseMs of [0, 0, 0, 60_000]) {
      clock.time += pauseMs;
      add("more");
      windows.push(await clock.pass());
    }
    expect(windows).toEqual([2_000, 4_000, 8_000, 2_000]);
  });

  it("that Telegram wants later is kept, and goes with what came meanwhile", async () => {
    answers = [refusal("coolingOff")];
    add("one");
    await clock.pass();
    expect(sent).toEqual([]);
    add("two");
    await clock.pass();
    expect(sent).toEqual(["📂 s1 (shop):\n  • progress: one\n  • progress: two"]);
    expect(failures).toEqual([]);
  });

  it("is given up for any other reason, and said so", async () => {
    answers = [refusal("stale")];
    add("one");
    await clock.pass();
    expect(failures).toMatchObject([{ code: "stale" }]);
    add("two");
    await clock.pass();
    expect(sent).toEqual(["⚙️ s1: two"]);
  });

  it("waits for the one before it to be on its way", async () => {
    let arrive = () => {};
    answers = [new Promise<void>((resolve) => (arrive = resolve))];
    add("one");
    await clock.pass();
    add("two");
    expect(clock.waits).toEqual([]);
    arrive();
    await settle();
    await clock.pass();
    expect(sent).toEqual(["⚙️ s1: one", "⚙️ s1: two"]);
  });

  it("is forgotten at a stop", async () => {
    add("one");
    await batcher.stop();
    add("two");
    await settle();
    expect(sent).toEqual([]);
  });
});
