/** Owns the choice of what goes next, and if nothing may, when to look again. Pure: given the queues, the budgets and the time. */
import type { ChatQueue } from "./chatQueue.ts";
import type { OutboxItem } from "./outboxItem.ts";
import { PRIORITY_RULES, rank } from "./priority.ts";
import { cautious, earliestMs, ownLimits, type RateLimits, type Stamps } from "./rateBudget.ts";

export interface ChatState {
  readonly chatId: number;
  readonly queue: ChatQueue;
  /** A call for this chat is under way; the next waits for it, which keeps a chat's messages in order. */
  readonly busy: boolean;
  readonly stamps: Stamps;
  /** After a 429 or a failure the whole chat is quiet until then. */
  readonly quietUntilMs: number;
  /** Until then the chat gets half of its budget. */
  readonly cautiousUntilMs: number;
}

export interface OutboxState {
  readonly chats: Iterable<ChatState>;
  /** Over all chats. */
  readonly stamps: Stamps;
  readonly inFlight: number;
}

export type NextStep =
  | { readonly kind: "run"; readonly item: OutboxItem }
  | { readonly kind: "wait"; readonly untilMs: number }
  /** Nothing waits, or only an answer that is still out can change anything. */
  | { readonly kind: "idle" };

export function nextStep(state: OutboxState, limits: RateLimits, nowMs: number): NextStep {
  let best: OutboxItem | undefined;
  let wakeMs = Number.POSITIVE_INFINITY;
  for (const chat of state.chats) {
    if (chat.busy) continue;
    const ready = firstReady(chat, state, limits, nowMs);
    wakeMs = Math.min(wakeMs, ready.wakeMs);
    if (ready.item !== undefined && (best === undefined || goesBefore(ready.item, best))) best = ready.item;
  }
  if (best !== undefined) return { kind: "run", item: best };
  return wakeMs === Number.POSITIVE_INFINITY ? { kind: "idle" } : { kind: "wait", untilMs: wakeMs };
}

interface Readiness {
  readonly item?: OutboxItem;
  readonly wakeMs: number;
}

function firstReady(chat: ChatState, state: OutboxState, limits: RateLimits, nowMs: number): Readiness {
  let wakeMs = Number.POSITIVE_INFINITY;
  for (const item of chat.queue) {
    const readyMs = readyAtMs(item, chat, state, limits, nowMs);
    if (readyMs <= nowMs) return { item, wakeMs };
    wakeMs = Math.min(wakeMs, readyMs);
  }
  return { wakeMs };
}

function readyAtMs(item: OutboxItem, chat: ChatState, state: OutboxState, limits: RateLimits, nowMs: number): number {
  const keptBack = PRIORITY_RULES[item.priority].urgent ? 0 : limits.urgentShare;
  const usual = ownLimits(chat.chatId, limits);
  const own = nowMs < chat.cautiousUntilMs ? cautious(usual) : usual;
  return Math.max(
    item.notBeforeMs,
    chat.quietUntilMs,
    earliestMs({ limits: own, stamps: chat.stamps, inFlight: 0, keptBack, nowMs }),
    earliestMs({ limits: limits.overall, stamps: state.stamps, inFlight: state.inFlight, keptBack, nowMs }),
  );
}

function goesBefore(a: OutboxItem, b: OutboxItem): boolean {
  return rank(a.priority) - rank(b.priority) < 0 || (a.priority === b.priority && a.order < b.order);
}
