/** Owns forgetting: events and job logs that are older than the retention time go, a few at a time, at the start and each hour. */
import type { Logger } from "../diagnostics/logger.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_DAYS = 30;
const DEFAULT_INTERVAL_MS = 60 * 60 * 1000;

/** What can forget: removes a bounded batch of what is older than a time (RFC 3339) and answers how many went. */
export interface Forgetful {
  removeOlderThan(time: string): Promise<number>;
}

export interface RetentionOptions {
  readonly store: Forgetful;
  /** Job logs, by their files' age. */
  readonly logs?: Forgetful;
  readonly days?: number;
  readonly intervalMs?: number;
  /** Now, in milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Logger;
  /** Told after each pass. */
  readonly onDidRun?: (removed: { readonly events: number; readonly logs: number }) => void;
}

export class Retention {
  readonly #options: RetentionOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isStopping = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.#run(), this.#options.intervalMs ?? DEFAULT_INTERVAL_MS);
    // Forgetting is no reason for the process to live on.
    this.#timer.unref();
    this.#run();
  }

  /** Begins no further batch and waits for the one in hand. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  #run(): void {
    this.#running ??= this.#pass().finally(() => {
      this.#running = undefined;
    });
  }

  async #pass(): Promise<void> {
    const { store, logs, days = DEFAULT_DAYS, now, log, onDidRun } = this.#options;
    const time = new Date(now() - days * DAY_MS).toISOString();
    try {
      const removed = {
        events: await this.#drain(store, time),
        logs: logs === undefined ? 0 : await this.#drain(logs, time),
      };
      if (removed.events + removed.logs > 0)
        log.info("Removed what is older than the retention time", { time, ...removed });
      onDidRun?.(removed);
    } catch (error) {
      log.error("Old events could not be removed; the next pass tries again", { error });
    }
  }

  async #drain(from: Forgetful, time: string): Promise<number> {
    let total = 0;
    while (!this.#isStopping) {
      const removed = await from.removeOlderThan(time);
      if (removed === 0) break;
      total += removed;
      // Whatever else waits for the event loop or the disk goes first.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return total;
  }
}
