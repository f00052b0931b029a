/** Owns how one chat stands: what waits, what it used of its budget, and whether it has to be quiet. */
import type { ChatQueue } from "./chatQueue.ts";
import type { CoolOff } from "./failurePolicy.ts";
import type { Stamps } from "./rateBudget.ts";
import type { ChatState } from "./schedule.ts";

export class ChatBox implements ChatState {
  readonly chatId: number;
  queue: ChatQueue = [];
  busy = false;
  stamps: Stamps = [];
  quietUntilMs = 0;
  cautiousUntilMs = 0;
  /** Network or server failures in a row. */
  failures = 0;
  #coolOff: CoolOff | undefined;

  constructor(chatId: number) {
    this.chatId = chatId;
  }

  coolOff(coolOff: CoolOff, cautionMs: number): void {
    this.#coolOff = coolOff;
    this.quietUntilMs = Math.max(this.quietUntilMs, coolOff.untilMs);
    this.cautiousUntilMs = coolOff.untilMs + cautionMs;
  }

  isCoolingOff(nowMs: number): boolean {
    return this.#coolOff !== undefined && nowMs < this.#coolOff.untilMs;
  }

  isLongCoolOff(nowMs: number): boolean {
    return this.isCoolingOff(nowMs) && this.#coolOff?.long === true;
  }
}
