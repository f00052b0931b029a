/** Owns telling chats of events: at once where it matters, gathered where it does not. */
import type { StoredEvent } from "../../../shared/events/event.ts";
import { isKnownEvent } from "../../../shared/events/known.ts";
import type { Logger } from "../../diagnostics/logger.ts";
import { batchMessage, type RoutineEvent } from "../messages/batchMessage.ts";
import { eventMessage, placeOf } from "../messages/eventMessage.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { OutboxError } from "../outbox/outboxError.ts";
import type { Priority } from "../outbox/priority.ts";
import type { Registry } from "../registry/registry.ts";
import { wantsEvent } from "./audience.ts";

/** Routine events of one chat are gathered for this long. */
export const BATCH_INTERVAL_MS = 2000;

/** While Telegram wants a chat to be quiet its routine events are gathered on, up to so many. */
const MAX_GATHERED = 500;

export interface NotifierOptions {
  readonly outbox: Outbox;
  readonly registry: Registry;
  readonly log: Logger;
  readonly nowMs: () => number;
  readonly batchIntervalMs?: number;
}

export class Notifier {
  readonly #options: NotifierOptions;
  readonly #gathered = new Map<number, RoutineEvent[]>();
  readonly #timers = new Map<number, NodeJS.Timeout>();

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** A handler of the bus: it only queues. */
  take(batch: readonly StoredEvent[]): void {
    const { registry, nowMs } = this.#options;
    for (const event of batch) {
      const message = isKnownEvent(event)
        ? eventMessage(event)
        : ({ text: `📋 ${placeOf(event)}: ${event.event_type}`, kind: "routine", priority: "info" } as const);
      if (message === undefined) continue;
      for (const chat of registry.chats) {
        if (!wantsEvent(chat, event, nowMs())) continue;
        if (message.kind === "own") {
          this.#flush(chat.chat_id);
          this.#send(chat.chat_id, message.text, message.priority, false);
        } else {
          this.#gather(chat.chat_id, { place: placeOf(event), event_type: event.event_type, text: message.text });
        }
      }
    }
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#gathered.clear();
  }

  #gather(chatId: number, event: RoutineEvent): void {
    const events = this.#gathered.get(chatId) ?? [];
    this.#gathered.set(chatId, [...events, event].slice(-MAX_GATHERED));
    if (this.#timers.has(chatId)) return;
    const timer = setTimeout(() => this.#flush(chatId), this.#options.batchIntervalMs ?? BATCH_INTERVAL_MS);
    timer.unref();
    this.#timers.set(chatId, timer);
  }

  #flush(chatId: number): void {
    clearTimeout(this.#timers.get(chatId));
    this.#timers.delete(chatId);
    const events = this.#gathered.get(chatId);
    this.#gathered.delete(chatId);
    if (events !== undefined)
      this.#send(chatId, batchMessage(events), "info", true, () => this.#gatherAgain(chatId, events));
  }

  /** Telegram asked for a pause: they are told together with what comes. */
  #gatherAgain(chatId: number, events: readonly RoutineEvent[]): void {
    const later = this.#gathered.get(chatId) ?? [];
    this.#gathered.set(chatId, [...events, ...later].slice(-MAX_GATHERED));
  }

  #send(chatId: number, text: string, priority: Priority, silent: boolean, onCoolingOff?: () => void): void {
    this.#options.outbox.send(chatId, { text }, { priority, silent }).catch((error: unknown) => {
      if (error instanceof OutboxError && error.code === "coolingOff") onCoolingOff?.();
      else if (!(error instanceof OutboxError))
        this.#options.log.warn("Telegram did not take a message", { chatId, error });
    });
  }
}
