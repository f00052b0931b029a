/** Owns the batch of one chat: it opens with the first notice, goes out when its window ends, and is kept when it could not go. */
import type { Clock } from "../api/clock.ts";
import { OutboxError } from "../outbox/outboxError.ts";
import type { FormattedText } from "../outbox/outboxItem.ts";
import { addNotice, type Batch, batchMessage, EMPTY_BATCH, isEmpty, merge } from "./batch.ts";
import { FIRST_WINDOW_MS, nextWindowMs } from "./batchWindow.ts";
import type { EventNotice } from "./eventMessage.ts";

export interface ChatBatcherOptions {
  /** @throws OutboxError where the message was given up. */
  readonly send: (message: FormattedText) => Promise<unknown>;
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
  /** Set while a message is on its way: what comes meanwhile goes into the next one. */
  #sending: Promise<void> | undefined;
  #stopped = false;

  constructor(options: ChatBatcherOptions) {
    this.#options = options;
  }

  add(notice: EventNotice): void {
    if (this.#stopped) return;
    this.#batch = addNotice(this.#batch, notice);
    this.#open();
  }

  /** Sends what was collected now: something comes that it must not stand behind. */
  flush(): void {
    if (this.#window === undefined) return;
    this.#window.abort();
    this.#close();
  }

  /** Forgets what was collected, and waits for what is on its way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#batch = EMPTY_BATCH;
    this.#window?.abort();
    await this.#sending;
  }

  #open(): void {
    if (this.#window !== undefined || this.#sending !== undefined || this.#stopped) return;
    const { clock } = this.#options;
    const window = new AbortController();
    this.#window = window;
    this.#windowMs = nextWindowMs(this.#windowMs, clock.nowMs() - this.#closedAtMs);
    void clock.wait(this.#windowMs, window.signal).then(() => {
      if (!window.signal.aborted) this.#close();
    });
  }

  #close(): void {
    const batch = this.#batch;
    this.#batch = EMPTY_BATCH;
    this.#window = undefined;
    this.#closedAtMs = this.#options.clock.nowMs();
    this.#sending = this.#send(batch).finally(() => {
      this.#sending = undefined;
      if (!isEmpty(this.#batch)) this.#open();
    });
  }

  async #send(batch: Batch): Promise<void> {
    try {
      await this.#options.send(batchMessage(batch));
    } catch (error) {
      const isForLater = error instanceof OutboxError && (error.code === "coolingOff" || error.code === "queueFull");
      // Telegram wants a pause: it is told later, together with what comes, in fewer words.
      if (isForLater && !this.#stopped) this.#batch = merge(batch, this.#batch);
      else this.#options.onFailed(error);
    }
  }
}
