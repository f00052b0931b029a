/**
 * Owns how the time that is left for an answer is told, and what happens then: `denied in 4:32`, `approved in 0:30`. Words
 * change at certain moments only, and those can be asked for: nobody draws twice what reads the same.
 */
import type { Approval } from "../protocol/approval.ts";

export type Limited = Pick<Approval, "state" | "expires_at" | "on_timeout">;

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How long the words stay the same: each second counts in the last minute alone. */
const STEPS: readonly { readonly belowMs: number; readonly stepMs: number }[] = [
  { belowMs: MINUTE_MS, stepMs: SECOND_MS },
  { belowMs: 10 * MINUTE_MS, stepMs: 10 * SECOND_MS },
  { belowMs: HOUR_MS, stepMs: 30 * SECOND_MS },
  { belowMs: 2 * DAY_MS, stepMs: MINUTE_MS },
  { belowMs: Number.POSITIVE_INFINITY, stepMs: HOUR_MS },
];

/** Where each redraw costs something, such as a message that is edited, or a line that stays in a terminal. */
const MILESTONES_MS = [30 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS] as const;

/** Undefined for what waits without an end, or no longer waits. */
export function timeLeftMs({ state, expires_at }: Limited, nowMs: number): number | undefined {
  return state !== "pending" || expires_at === null ? undefined : Math.max(0, Date.parse(expires_at) - nowMs);
}

/** `denied in 4:32`, `approved in 2h 5m`; once the time is over `denied now`, until the bridge has said so. */
export function countdown(approval: Limited, nowMs: number): string | undefined {
  const leftMs = timeLeftMs(approval, nowMs);
  if (leftMs === undefined) return undefined;
  return leftMs === 0 ? `${verbOf(approval)} now` : `${verbOf(approval)} in ${clock(stepped(leftMs))}`;
}

/** After how long `countdown` reads otherwise; undefined when it never does. */
export function countdownChangesInMs(approval: Limited, nowMs: number): number | undefined {
  const leftMs = timeLeftMs(approval, nowMs);
  if (leftMs === undefined || leftMs === 0) return undefined;
  const stepMs = stepOf(leftMs);
  // What is shown is rounded up: it holds until the time left has come down to the step below.
  return leftMs - (Math.ceil(leftMs / stepMs) - 1) * stepMs;
}

/** In words that hold for long: `denied in less than 5 minutes`. Undefined while more than an hour is left. */
export function roughCountdown(approval: Limited, nowMs: number): string | undefined {
  const leftMs = timeLeftMs(approval, nowMs);
  if (leftMs === undefined) return undefined;
  const milestoneMs = MILESTONES_MS.find((each) => leftMs <= each);
  return milestoneMs === undefined ? undefined : `${verbOf(approval)} in less than ${inWords(milestoneMs)}`;
}

/** After how long `roughCountdown` reads otherwise; undefined when it never does. */
export function roughCountdownChangesInMs(approval: Limited, nowMs: number): number | undefined {
  const leftMs = timeLeftMs(approval, nowMs);
  if (leftMs === undefined) return undefined;
  const next = MILESTONES_MS.findLast((each) => each < leftMs);
  return next === undefined ? undefined : leftMs - next;
}

/** When the soonest of several reads otherwise; undefined where none ever does. */
export function soonestChangeMs(
  approvals: Iterable<Limited>,
  nowMs: number,
  changesInMs: typeof countdownChangesInMs,
): number | undefined {
  let soonestMs: number | undefined;
  for (const approval of approvals) {
    const inMs = changesInMs(approval, nowMs);
    if (inMs !== undefined && (soonestMs === undefined || inMs < soonestMs)) soonestMs = inMs;
  }
  return soonestMs;
}

function verbOf({ on_timeout }: Limited): string {
  return on_timeout === "approve" ? "approved" : "denied";
}

function stepped(leftMs: number): number {
  const stepMs = stepOf(leftMs);
  return Math.ceil(leftMs / stepMs) * stepMs;
}

function stepOf(leftMs: number): number {
  return STEPS.find(({ belowMs }) => leftMs <= belowMs)?.stepMs ?? HOUR_MS;
}

function clock(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.floor(ms / DAY_MS)} days`;
  const minutes = Math.floor(ms / MINUTE_MS);
  if (ms >= HOUR_MS) return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
  return `${minutes}:${String(Math.floor((ms % MINUTE_MS) / SECOND_MS)).padStart(2, "0")}`;
}

function inWords(ms: number): string {
  if (ms === HOUR_MS) return "an hour";
  if (ms === MINUTE_MS) return "a minute";
  return ms < MINUTE_MS ? `${ms / SECOND_MS} seconds` : `${ms / MINUTE_MS} minutes`;
}
