/** Owns the batch of one chat: it opens with the first notice, goes out when its window ends, and is kept when it could not go. */
import type { Clock } from "../api/clock.ts";
import { OutboxError } from "../outbox/outboxError.ts";
import type { FormattedText } from "../outbox/outboxItem.ts";
import type { Priority } from "../outbox/priority.ts";
import { addNotice, type Batch, batchMessage, EMPTY_BATCH, isEmpty, merge } from "./batch.ts";
import { FIRST_WINDOW_MS, nextWindowMs } from "./batchWindow.ts";
import type { EventNotice } from "./eventMessage.ts";

export interface ChatBatcherOptions {
  /** @throws OutboxError where the message was given up. */
  readonly send: (message: FormattedText, priority: Priority) => Promise<unknown>;
  readonly onFailed: (error: unknown) => void;
  readonly clock: Clock;
}

export class ChatBatcher {
  readonly #options: ChatBatcherOptions;
  #batch: Batch = EMPTY_BATCH;
  #windowMs = FIRST_WINDOW_MS;
  #closedAtMs = Number.NEGATIVE_INFINITY;
  /** Set while a window is open. */
  #window: AbortController | undefined;
  /** While a message is on its way, what comes goes into the next one. */
  readonly #sending = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: ChatBatcherOptions) {
    this.#options = options;
  }

  add(notice: EventNotice): void {
    if (this.#stopped) return;
    this.#batch = addNotice(this.#batch, notice);
    this.#open();
  }

  /**
   * Sends what was collected now: something comes that it must not stand behind, and that would overtake it if it were more
   * urgent.
   */
  flush(priority: Priority): void {
    this.#window?.abort();
    if (!isEmpty(this.#batch)) this.#close(priority);
  }

  /** Forgets what was collected, and waits for what is on its way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#batch = EMPTY_BATCH;
    this.#window?.abort();
    await Promise.all(this.#sending);
  }

  #open(): void {
    if (this.#window !== undefined || this.#sending.size > 0 || this.#stopped) return;
    const { clock } = this.#options;
    const window = new AbortController();
    this.#window = window;
    this.#windowMs = nextWindowMs(this.#windowMs, clock.nowMs() - this.#closedAtMs);
    void clock.wait(this.#windowMs, window.signal).then(() => {
      if (!window.signal.aborted) this.#close("info");
    });
  }

  #close(priority: Priority): void {
    const batch = this.#batch;
    this.#batch = EMPTY_BATCH;
    this.#window = undefined;
    this.#closedAtMs = this.#options.clock.nowMs();
    const sending = this.#send(batch, priority).finally(() => {
      this.#sending.delete(sending);
      if (!isEmpty(this.#batch)) this.#open();
    });
    this.#sending.add(sending);
  }

  async #send(batch: Batch, priority: Priority): Promise<void> {
    try {
      await this.#options.send(batchMessage(batch), priority);
    } catch (error) {
      const isForLater = error instanceof OutboxError && (error.code === "coolingOff" || error.code === "queueFull");
      // Telegram wants a pause: it is told later, together with what comes, in fewer words.
      if (isForLater && !this.#stopped) this.#batch = merge(batch, this.#batch);
      else this.#options.onFailed(error);
    }
  }
}
