/**
 * Owns when the next call may go. A budget is "at most so many in any such window", counted exactly. A call is stamped when
 * its answer has come: Telegram has then seen it for certain, so that what Telegram counts never exceeds what we count,
 * however the network stretches or squeezes the gaps. Pure.
 */

export interface RateLimit {
  readonly max: number;
  readonly windowMs: number;
}

export interface RateLimits {
  readonly privateChat: readonly RateLimit[];
  readonly group: readonly RateLimit[];
  readonly overall: readonly RateLimit[];
  /** The share of each limit, from 0 to 1, that only urgent messages may use. */
  readonly urgentShare: number;
  /** For so long after a 429 a chat gets half. */
  readonly cautionMs: number;
}

/**
 * Telegram names no exact limits. Its FAQ says about one a second in a chat, 20 a minute in a group (topics share it) and
 * 30 a second over all; edits count as sends do (tdlib/td#2592). Three at once are allowed, since bursts that short pass.
 */
export const TELEGRAM_RATE_LIMITS: RateLimits = {
  privateChat: [{ max: 3, windowMs: 3_000 }],
  group: [
    { max: 3, windowMs: 3_000 },
    { max: 20, windowMs: 60_000 },
  ],
  overall: [{ max: 25, windowMs: 1_000 }],
  urgentShare: 0.25,
  cautionMs: 60_000,
};

/** A chat's own limits: Telegram's ids of groups and channels are negative. */
export function ownLimits(chatId: number, limits: RateLimits): readonly RateLimit[] {
  return chatId < 0 ? limits.group : limits.privateChat;
}

/** Half the rate. */
export function cautious(limits: readonly RateLimit[]): readonly RateLimit[] {
  return limits.map(({ max, windowMs }) => ({ max, windowMs: windowMs * 2 }));
}

/** When calls were answered, oldest first. */
export type Stamps = readonly number[];

export interface BudgetQuestion {
  readonly limits: readonly RateLimit[];
  readonly stamps: Stamps;
  /** Calls that are not answered yet. */
  readonly inFlight: number;
  /** The share that this call may not touch, from 0 to 1. */
  readonly keptBack: number;
  readonly nowMs: number;
}

/** The earliest moment at which one more call is within every limit; Infinity while only an answer can tell. */
export function earliestMs({ limits, stamps, inFlight, keptBack, nowMs }: BudgetQuestion): number {
  let earliest = nowMs;
  for (const { max, windowMs } of limits) {
    // At least one call is always possible, or a small limit would shut its chat for good.
    const usable = Math.max(1, Math.floor(max * (1 - keptBack))) - inFlight;
    if (usable <= 0) return Number.POSITIVE_INFINITY;
    const inTheWay = stamps.at(-usable);
    if (inTheWay !== undefined && stamps.length >= usable) earliest = Math.max(earliest, inTheWay + windowMs);
  }
  return earliest;
}

/** Leaves out the stamps that no limit looks back to. */
export function pruned(stamps: Stamps, limits: readonly RateLimit[], nowMs: number): Stamps {
  const longestMs = Math.max(0, ...limits.map(({ windowMs }) => windowMs));
  return stamps.filter((stamp) => stamp + longestMs > nowMs);
}
