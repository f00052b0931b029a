/** Owns what waits for one chat: the order, what a newer item makes needless, and the bounds. Pure. */
import { changedMessage, type OutboxAction, type OutboxItem } from "./outboxItem.ts";
import { PRIORITIES, PRIORITY_RULES, type Priority, rank } from "./priority.ts";

/** In the order in which they go: most urgent class first, oldest first within it. */
export type ChatQueue = readonly OutboxItem[];

export interface Enqueued {
  readonly queue: ChatQueue;
  /** Edits that a newer one, or a deletion, made needless. */
  readonly superseded: readonly OutboxItem[];
  /** Given up because too many waited. */
  readonly overflowed: readonly OutboxItem[];
}

/** Adds an item. An edit takes the place of an earlier one of the same message that still waits: only the latest counts. */
export function enqueue(queue: ChatQueue, item: OutboxItem): Enqueued {
  const messageId = changedMessage(item.action);
  const superseded = messageId === undefined ? [] : queue.filter((other) => changedMessage(other.action) === messageId);
  // At most one change of a message waits, since each takes the place of the one before.
  const merged = superseded.reduce(mergeChange, item);
  const others = queue.filter((other) => !superseded.includes(other));
  const kept = insert(others, merged);
  const overflowed = overflow(kept, merged.priority);
  return { queue: kept.filter((other) => !overflowed.includes(other)), superseded, overflowed };
}

/** Puts an item where its class and age belong; also for one that has to be tried again. */
export function insert(queue: ChatQueue, item: OutboxItem): ChatQueue {
  return [...queue, item].sort((a, b) => rank(a.priority) - rank(b.priority) || a.order - b.order);
}

/** Puts back an item that failed, unless a newer change of the same message has come meanwhile. */
export function putBack(queue: ChatQueue, item: OutboxItem): Enqueued {
  const messageId = changedMessage(item.action);
  const newer = messageId === undefined ? undefined : queue.find((other) => changedMessage(other.action) === messageId);
  if (newer === undefined) return { queue: insert(queue, item), superseded: [], overflowed: [] };
  const merged = mergeChange(newer, item);
  return {
    queue: insert(
      queue.filter((other) => other !== newer),
      merged,
    ),
    superseded: [item],
    overflowed: [],
  };
}

/** Items that waited so long that nobody wants them any more. */
export function stale(queue: ChatQueue, nowMs: number): readonly OutboxItem[] {
  return queue.filter((item) => nowMs - item.queuedAtMs > PRIORITY_RULES[item.priority].maxAgeMs);
}

/** New messages that are given up when the chat has to be quiet for long; edits stay, since only their latest is kept anyway. */
export function isDispensable(item: OutboxItem): boolean {
  return PRIORITY_RULES[item.priority].cosmetic && changedMessage(item.action) === undefined;
}

function mergeChange(newer: OutboxItem, older: OutboxItem): OutboxItem {
  const priority = PRIORITIES[Math.min(rank(newer.priority), rank(older.priority))] ?? newer.priority;
  // It keeps the older one's place, so that a message that changes all the time still gets its turn.
  return {
    ...newer,
    order: Math.min(newer.order, older.order),
    priority,
    action: mergeAction(newer.action, older.action),
  };
}

/** An edit of the buttons alone leaves the text to the edit that it overtakes. */
function mergeAction(newer: OutboxAction, older: OutboxAction): OutboxAction {
  if (older.kind === "delete") return older;
  if (newer.kind !== "editKeyboard" || older.kind !== "edit") return newer;
  return { ...older, content: { ...older.content, keyboard: newer.keyboard } };
}

function overflow(queue: ChatQueue, priority: Priority): readonly OutboxItem[] {
  const ofClass = queue.filter((item) => item.priority === priority);
  return ofClass.slice(0, Math.max(0, ofClass.length - PRIORITY_RULES[priority].maxQueued));
}
