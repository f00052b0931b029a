/** Owns the promises of those who handed something to the outbox, and the count of what was given up. */
import { OutboxError, type OutboxErrorCode } from "./outboxError.ts";
import { changedMessage, type OutboxItem } from "./outboxItem.ts";
import type { Priority } from "./priority.ts";

/** `superseded`: a newer change of the same message took its place, and nothing more will come of this one. */
export type ChangeOutcome = "applied" | "unchanged" | "superseded";

/** What came of an item. */
export interface Outcome {
  readonly chatId: number;
  readonly messageId: number;
  readonly change: ChangeOutcome;
}

interface Receipt {
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

export class Receipts {
  readonly #open = new Map<number, Receipt>();
  readonly #dropped: Record<Priority, number> = { approval: 0, reply: 0, error: 0, done: 0, info: 0, tail: 0 };

  /** How many were given up: too many, too old, or too cosmetic. */
  get dropped(): Readonly<Record<Priority, number>> {
    return { ...this.#dropped };
  }

  open(item: OutboxItem): Promise<Outcome> {
    return new Promise((resolve, reject) => this.#open.set(item.id, { resolve, reject }));
  }

  applied(item: OutboxItem, messageId: number): void {
    this.#take(item)?.resolve({ chatId: item.chatId, messageId, change: "applied" });
  }

  needless(item: OutboxItem, change: "unchanged" | "superseded"): void {
    this.#take(item)?.resolve({ chatId: item.chatId, messageId: changedMessage(item.action) ?? 0, change });
  }

  failed(item: OutboxItem, error: Error): void {
    this.#take(item)?.reject(error);
  }

  drop(item: OutboxItem, code: OutboxErrorCode): void {
    this.#dropped[item.priority] += 1;
    this.failed(item, new OutboxError(code));
  }

  #take(item: OutboxItem): Receipt | undefined {
    const receipt = this.#open.get(item.id);
    this.#open.delete(item.id);
    return receipt;
  }
}
