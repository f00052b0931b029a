import { describe, expect, it } from "vitest";
import { enqueue } from "../../../bridge/telegram/outbox/chatQueue.ts";
import {
  cautious,
  earliestMs,
  pruned,
  type RateLimits,
  TELEGRAM_RATE_LIMITS,
} from "../../../bridge/telegram/outbox/rateBudget.ts";
import { type ChatState, nextStep } from "../../../bridge/telegram/outbox/schedule.ts";
import { item } from "./outboxItems.ts";

const LIMITS: RateLimits = {
  privateChat: [{ max: 4, windowMs: 1000 }],
  group: [{ max: 8, windowMs: 60_000 }],
  overall: [{ max: 4, windowMs: 100 }],
  urgentShare: 0.25,
  cautionMs: 60_000,
};
const NOW = 10_000;

function chat(details: Partial<ChatState> = {}): ChatState {
  const quiet = { quietUntilMs: 0, cautiousUntilMs: 0, stamps: [], busy: false };
  return { chatId: 1, queue: [item(1)], ...quiet, ...details };
}

describe("a budget", () => {
  const limits = [{ max: 3, windowMs: 1000 }];
  it.each([
    { name: "nothing used", stamps: [], inFlight: 0, keptBack: 0, earliest: NOW },
    { name: "room left", stamps: [9_500, 9_900], inFlight: 0, keptBack: 0, earliest: NOW },
    {
      name: "used up: when the oldest that counts leaves the window",
      stamps: [9_300, 9_500, 9_900],
      inFlight: 0,
      keptBack: 0,
      earliest: 10_300,
    },
    { name: "old stamps do not count", stamps: [1_000, 2_000, 3_000], inFlight: 0, keptBack: 0, earliest: NOW },
    { name: "a call that is out takes its place", stamps: [9_500, 9_900], inFlight: 1, keptBack: 0, earliest: 10_500 },
    { name: "only an answer can tell", stamps: [], inFlight: 3, keptBack: 0, earliest: Number.POSITIVE_INFINITY },
    { name: "a part is kept back", stamps: [9_500, 9_900], inFlight: 0, keptBack: 0.25, earliest: 10_500 },
    { name: "but never all of it", stamps: [], inFlight: 0, keptBack: 1, earliest: NOW },
  ])("$name", ({ stamps, inFlight, keptBack, earliest }) => {
    expect(earliestMs({ limits, stamps, inFlight, keptBack, nowMs: NOW })).toBe(earliest);
  });

  it("keeps the strictest of several limits", () => {
    const both = [
      { max: 2, windowMs: 100 },
      { max: 3, windowMs: 5000 },
    ];
    expect(earliestMs({ limits: both, stamps: [9_000, 9_950, 9_990], inFlight: 0, keptBack: 0, nowMs: NOW })).toBe(
      14_000,
    );
  });

  it("forgets what no limit looks back to", () => {
    expect(pruned([8_999, 9_000, 9_001], limits, NOW)).toEqual([9_001]);
    expect(pruned([8_999], cautious(limits), NOW)).toEqual([8_999]);
  });
});

describe("the next step", () => {
  it.each([
    { name: "idle with nothing", chats: [chat({ queue: [] })], step: { kind: "idle" } },
    { name: "idle while the chat's call is out", chats: [chat({ busy: true })], step: { kind: "idle" } },
    { name: "runs what may go", chats: [chat()], step: { kind: "run", item: item(1) } },
    {
      name: "waits for a quiet chat",
      chats: [chat({ quietUntilMs: 12_000 })],
      step: { kind: "wait", untilMs: 12_000 },
    },
    {
      name: "waits for the budget",
      chats: [chat({ stamps: [9_100, 9_200, 9_300] })],
      step: { kind: "wait", untilMs: 10_100 },
    },
    {
      name: "lets an approval use what was kept back",
      chats: [chat({ stamps: [9_100, 9_200, 9_300], queue: [item(1, { priority: "approval" })] })],
      step: { kind: "run", item: item(1, { priority: "approval" }) },
    },
    {
      name: "keeps an approval waiting too inside a retry_after",
      chats: [chat({ quietUntilMs: 12_000, queue: [item(1, { priority: "approval" })] })],
      step: { kind: "wait", untilMs: 12_000 },
    },
    {
      name: "does not let one quiet chat hold up another",
      chats: [chat({ quietUntilMs: 12_000 }), chat({ chatId: 2, queue: [item(9, { chatId: 2 })] })],
      step: { kind: "run", item: item(9, { chatId: 2 }) },
    },
    {
      name: "takes the most urgent of all chats",
      chats: [chat(), chat({ chatId: 2, queue: [item(9, { chatId: 2, priority: "error" })] })],
      step: { kind: "run", item: item(9, { chatId: 2, priority: "error" }) },
    },
    {
      name: "passes over an item that is to wait after a failure",
      chats: [chat({ queue: [item(1, { notBeforeMs: 11_000 }), item(2)] })],
      step: { kind: "run", item: item(2) },
    },
    {
      name: "gives a chat half after a 429",
      chats: [chat({ cautiousUntilMs: 20_000, stamps: [8_500, 8_600, 8_700] })],
      step: { kind: "wait", untilMs: 10_500 },
    },
    {
      name: "counts a group by the group's limit",
      chats: [chat({ chatId: -5, queue: [item(1, { chatId: -5 })], stamps: [1, 2, 3, 4, 5, 6] })],
      step: { kind: "wait", untilMs: 60_001 },
    },
  ])("$name", ({ chats, step }) => {
    expect(nextStep({ chats, stamps: [], inFlight: 0 }, LIMITS, NOW)).toEqual(step);
  });

  it("keeps to the limit over all chats", () => {
    const state = { chats: [chat()], stamps: [9_950, 9_960, 9_970], inFlight: 0 };
    expect(nextStep(state, LIMITS, NOW)).toEqual({ kind: "wait", untilMs: 10_050 });
    expect(nextStep({ ...state, inFlight: 4 }, LIMITS, NOW)).toEqual({ kind: "idle" });
  });
});

describe("an hour of a group under too much load, on a clock of its own", () => {
  it("never goes over 20 a minute, and an approval waits no longer than its reserve needs", () => {
    const chatId = -100;
    let state: ChatState = chat({ chatId, queue: [] });
    let nowMs = 0;
    let nextId = 1;
    const sent: number[] = [];
    const approvalWaitsMs: number[] = [];
    const add = (priority: "tail" | "info" | "approval") => {
      const added = item(nextId++, { chatId, priority, queuedAtMs: nowMs });
      state = { ...state, queue: enqueue(state.queue, added).queue };
    };
    for (let tick = 0; tick < 3600; tick += 1) {
      nowMs = tick * 1000;
      add("tail");
      add("info");
      if (tick % 60 === 30) add("approval");
      const step = nextStep({ chats: [state], stamps: [], inFlight: 0 }, TELEGRAM_RATE_LIMITS, nowMs);
      if (step.kind !== "run") continue;
      sent.push(nowMs);
      if (step.item.priority === "approval") approvalWaitsMs.push(nowMs - step.item.queuedAtMs);
      const queue = state.queue.filter((one) => one !== step.item);
      state = { ...state, queue, stamps: [...pruned(state.stamps, TELEGRAM_RATE_LIMITS.group, nowMs), nowMs] };
    }
    const busiest = Math.max(...sent.map((start) => sent.filter((at) => at >= start && at < start + 60_000).length));
    expect(busiest).toBeLessThanOrEqual(20);
    expect(approvalWaitsMs).toHaveLength(60);
    expect(Math.max(...approvalWaitsMs)).toBe(0);
  });
});
