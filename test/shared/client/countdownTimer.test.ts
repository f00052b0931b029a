/** One timer for all countdowns that are seen: it fires when the first of them reads otherwise, and is not there where none runs. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CountdownTimer } from "../../../shared/client/countdownTimer.ts";
import { countdown, countdownChangesInMs, type Limited } from "../../../shared/text/countdown.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-11-23T09:30:00.000Z") });
});
afterEach(() => {
  vi.useRealTimers();
});

function limited(leftMs: number): Limited {
  return { state: "pending", on_timeout: "deny", expires_at: new Date(Date.now() + leftMs).toISOString() };
}

function watch(shown: () => readonly Limited[]) {
  const drawn: string[] = [];
  const draw = () =>
    drawn.push(
      shown()
        .map((each) => countdown(each, Date.now()))
        .join(", "),
    );
  return { drawn, timer: new CountdownTimer({ shown, changesInMs: countdownChangesInMs, onDue: draw }) };
}

it("draws at each moment at which something reads otherwise, and stops at the end", () => {
  const approvals = [limited(62_000), limited(2_000)];
  const { drawn, timer } = watch(() => approvals);
  timer.look();
  vi.advanceTimersByTime(3000);
  expect(drawn).toEqual(["denied in 1:10, denied in 0:01", "denied in 1:00, denied now", "denied in 0:59, denied now"]);
  vi.advanceTimersByTime(120_000);
  expect(drawn).toHaveLength(62);
  expect(drawn.at(-1)).toBe("denied now, denied now");
  expect(vi.getTimerCount()).toBe(0);
});

it("has no timer while nobody sees a countdown, and looks again when it is told to", () => {
  let shown: readonly Limited[] = [];
  const { drawn, timer } = watch(() => shown);
  timer.look();
  expect(vi.getTimerCount()).toBe(0);
  shown = [limited(5000)];
  timer.look();
  timer.look();
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(1000);
  expect(drawn).toEqual(["denied in 0:04"]);
});

it("ends with its owner", () => {
  const { timer } = watch(() => [limited(5000)]);
  timer.look();
  timer[Symbol.dispose]();
  timer.look();
  expect(vi.getTimerCount()).toBe(0);
});
