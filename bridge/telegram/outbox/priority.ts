/** Owns which message goes first when not all can go, and which may be left out. */

/** From the most to the least urgent. */
export const PRIORITIES = ["approval", "reply", "error", "done", "info", "tail"] as const;
export type Priority = (typeof PRIORITIES)[number];

export interface PriorityRule {
  /** May use the part of a chat's budget that is kept back for it. */
  readonly urgent: boolean;
  /** New messages of this class are given up when the chat has to be quiet for long. */
  readonly cosmetic: boolean;
  /** How many may wait in one chat; past it the oldest is given up, and counted. */
  readonly maxQueued: number;
  /** A message that waited longer is no longer worth sending. */
  readonly maxAgeMs: number;
}

export const PRIORITY_RULES: Readonly<Record<Priority, PriorityRule>> = {
  // Never given up: somebody's job stands still until it is answered.
  approval: { urgent: true, cosmetic: false, maxQueued: Number.POSITIVE_INFINITY, maxAgeMs: Number.POSITIVE_INFINITY },
  reply: { urgent: true, cosmetic: false, maxQueued: 50, maxAgeMs: 10 * 60_000 },
  error: { urgent: false, cosmetic: false, maxQueued: 50, maxAgeMs: Number.POSITIVE_INFINITY },
  done: { urgent: false, cosmetic: false, maxQueued: 50, maxAgeMs: Number.POSITIVE_INFINITY },
  info: { urgent: false, cosmetic: true, maxQueued: 20, maxAgeMs: 5 * 60_000 },
  tail: { urgent: false, cosmetic: true, maxQueued: 10, maxAgeMs: 60_000 },
};

/** 0 for the most urgent. */
export function rank(priority: Priority): number {
  return PRIORITIES.indexOf(priority);
}
