/** Owns telling chats what happens: for each event and chat whether, how loud, and together with what. */
import type { StoredEvent } from "../../../shared/events/event.ts";
import type { EventBus } from "../../bus/eventBus.ts";
import type { Logger } from "../../diagnostics/logger.ts";
import type { Clock } from "../api/clock.ts";
import { isMuted, levelWants, notification } from "../chats/audience.ts";
import type { ChatRegistry } from "../chats/chatRegistry.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { OutboxError } from "../outbox/outboxError.ts";
import type { FormattedText } from "../outbox/outboxItem.ts";
import type { Priority } from "../outbox/priority.ts";
import type { PairedChat } from "../record/telegramRecord.ts";
import { ChatBatcher } from "./chatBatcher.ts";
import { type EventNotice, eventNotice } from "./eventMessage.ts";

export interface NotifierOptions {
  readonly bus: Pick<EventBus, "subscribe">;
  readonly registry: ChatRegistry;
  readonly outbox: Pick<Outbox, "send">;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What happened longer ago, and comes only now (a bridge was away), makes no sound; routine of it is not told at all. */
const NEWS_MS = 10 * 60_000;

export class Notifier {
  readonly #options: NotifierOptions;
  readonly #batchers = new Map<number, ChatBatcher>();
  readonly #sending = new Set<Promise<void>>();
  #subscriptions: readonly Disposable[] = [];

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  start(): void {
    this.#subscriptions = ["job.*", "session.*", "coordination.*"].map((pattern) =>
      this.#options.bus.subscribe(pattern, (batch) => {
        for (const event of batch) this.#tell(event);
      }),
    );
  }

  /** What is collected is given up, and what is under way waited for. */
  async stop(): Promise<void> {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    await Promise.all([...this.#batchers.values()].map((batcher) => batcher.stop()));
    await Promise.all(this.#sending);
  }

  #tell(event: StoredEvent): void {
    const { registry, clock } = this.#options;
    if (event.visibility !== "public" || registry.chats.length === 0) return;
    const notice = eventNotice(event);
    if (notice === undefined) return;
    const dateMs = clock.dateMs();
    const isOld = dateMs - Date.parse(event.timestamp) > NEWS_MS;
    for (const chat of registry.chats) {
      const how = notification(chat, event, notice.kind, dateMs);
      if (how === "none" || (isOld && notice.delivery === "batched")) continue;
      this.#send(chat, notice, how === "silent" || isOld);
    }
  }

  #send(chat: PairedChat, notice: EventNotice, silent: boolean): void {
    const batcher = this.#batcherOf(chat);
    if (notice.delivery === "batched") {
      batcher.add(notice);
      return;
    }
    // What led to an end is told before the end.
    batcher.flush(notice.delivery);
    const sending = this.#deliver(chat.id, notice.message, notice.delivery, silent)
      .catch((error: unknown) => this.#failed(chat.id, error))
      .finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  #batcherOf({ id }: PairedChat): ChatBatcher {
    const known = this.#batchers.get(id);
    if (known !== undefined) return known;
    const batcher = new ChatBatcher({
      send: (message, priority) => this.#deliverBatch(id, message, priority),
      onFailed: (error) => this.#failed(id, error),
      clock: this.#options.clock,
    });
    this.#batchers.set(id, batcher);
    return batcher;
  }

  /** Between the first notice and now the chat may have been told to be quiet. */
  async #deliverBatch(id: number, message: FormattedText, priority: Priority): Promise<void> {
    const { registry, clock } = this.#options;
    const chat = registry.chat(id);
    const isWanted = chat !== undefined && levelWants(chat.level, "other") && !isMuted(chat, clock.dateMs());
    if (isWanted) await this.#deliver(id, message, priority, true);
  }

  async #deliver(id: number, message: FormattedText, priority: Priority, silent: boolean): Promise<void> {
    // The chat may have been unpaired, or have moved, while the message was being collected.
    const chat = this.#options.registry.chat(id);
    if (chat !== undefined && chat.lost === null)
      await this.#options.outbox.send(chat.id, message, { priority, silent });
  }

  #failed(chat: number, error: unknown): void {
    if (error instanceof OutboxError) this.#options.log.debug("A Telegram message was given up", { chat, error });
    else this.#options.log.warn("A Telegram message was not sent", { chat, error });
  }
}
