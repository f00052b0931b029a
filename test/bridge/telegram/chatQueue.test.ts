import { describe, expect, it } from "vitest";
import { type ChatQueue, enqueue, putBack, stale } from "../../../bridge/telegram/outbox/chatQueue.ts";
import type { OutboxItem } from "../../../bridge/telegram/outbox/outboxItem.ts";
import { PRIORITIES, PRIORITY_RULES } from "../../../bridge/telegram/outbox/priority.ts";
import { edit, item, text } from "./outboxItems.ts";

const queueOf = (...items: readonly OutboxItem[]): ChatQueue =>
  items.reduce<ChatQueue>((queue, one) => enqueue(queue, one).queue, []);
const ids = (items: readonly OutboxItem[]) => items.map(({ id }) => id);

describe("the order in a chat", () => {
  it("is that of the classes, and of arrival within one", () => {
    const mixed = [...PRIORITIES]
      .reverse()
      .flatMap((priority, index) => [item(index * 2, { priority }), item(index * 2 + 1, { priority })]);
    const queue = queueOf(...mixed);
    expect(queue.map(({ priority }) => priority)).toEqual(PRIORITIES.flatMap((priority) => [priority, priority]));
    for (const priority of PRIORITIES) {
      const own = ids(queue.filter((one) => one.priority === priority));
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
  });
});

describe("changes of one message", () => {
  it.each([
    { name: "the later edit wins", older: edit(7, "old"), newer: edit(7, "new"), result: edit(7, "new") },
    {
      name: "new buttons keep the text of the edit that they overtake",
      older: edit(7, "old"),
      newer: { kind: "editKeyboard", messageId: 7, keyboard: [] } as const,
      result: { kind: "edit", messageId: 7, content: { text: "old", keyboard: [] } } as const,
    },
    {
      name: "a deletion makes the edit needless",
      older: edit(7, "old"),
      newer: { kind: "delete", messageId: 7 } as const,
      result: { kind: "delete", messageId: 7 } as const,
    },
    {
      name: "nothing brings back what is to be deleted",
      older: { kind: "delete", messageId: 7 } as const,
      newer: edit(7, "new"),
      result: { kind: "delete", messageId: 7 } as const,
    },
  ])("$name", ({ older, newer, result }) => {
    const { queue, superseded } = enqueue(queueOf(item(1, { action: older })), item(2, { action: newer }));
    expect(queue.map(({ action }) => action)).toEqual([result]);
    expect(ids(superseded)).toEqual([1]);
  });

  it("keep the earlier place and the higher class, so that a busy message gets its turn", () => {
    const queue = queueOf(
      item(1, { action: edit(7, "a"), priority: "approval" }),
      item(2, { action: edit(8, "b"), priority: "approval" }),
      item(3, { action: edit(7, "c"), priority: "tail" }),
    );
    expect(ids(queue)).toEqual([3, 2]);
    expect(queue[0]?.priority).toBe("approval");
  });

  it("leave other messages and new ones alone", () => {
    expect(ids(queueOf(item(1, { action: edit(7, "a") }), item(2, { action: edit(8, "a") }), item(3)))).toEqual([
      1, 2, 3,
    ]);
  });

  it("that failed give way to a newer one when they are put back", () => {
    const { queue, superseded } = putBack(
      queueOf(item(2, { action: edit(7, "new") })),
      item(1, { action: edit(7, "old") }),
    );
    expect(queue.map(({ action }) => action)).toEqual([edit(7, "new")]);
    expect(ids(superseded)).toEqual([1]);
  });

  it("that failed go back to their place otherwise", () => {
    expect(ids(putBack(queueOf(item(2), item(3)), item(1)).queue)).toEqual([1, 2, 3]);
  });
});

describe("the bounds", () => {
  it.each(PRIORITIES.filter((priority) => priority !== "approval"))(
    "give up the oldest %s when too many wait",
    (priority) => {
      const { maxQueued } = PRIORITY_RULES[priority];
      const full = queueOf(...Array.from({ length: maxQueued }, (_, index) => item(index, { priority })));
      const { queue, overflowed } = enqueue(full, item(maxQueued, { priority }));
      expect(queue).toHaveLength(maxQueued);
      expect(ids(overflowed)).toEqual([0]);
    },
  );

  it("never give up an approval, neither for number nor for age", () => {
    const queue = queueOf(...Array.from({ length: 500 }, (_, index) => item(index, { priority: "approval" })));
    expect(queue).toHaveLength(500);
    expect(stale(queue, 1e12)).toEqual([]);
  });

  it("name what is too old", () => {
    const queue = queueOf(item(1, { priority: "tail" }), item(2, { priority: "error", action: text("failed") }));
    expect(ids(stale(queue, PRIORITY_RULES.tail.maxAgeMs))).toEqual([]);
    expect(ids(stale(queue, PRIORITY_RULES.tail.maxAgeMs + 1))).toEqual([1]);
  });
});
