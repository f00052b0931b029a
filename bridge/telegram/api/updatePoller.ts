/**
 * Owns the one long poll of a bot: it reads updates in order, hands each on without waiting for what is done with it, and
 * keeps going through everything that the network and Telegram can do. telegraf's own loop waits for the handlers of a
 * batch before it reads on, so that a log being followed would hold back the press on Approve.
 */
import type { Logger } from "../../diagnostics/logger.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { BotIdentity, ConnectionStatus } from "./connectionStatus.ts";
import { ALLOWED_UPDATES, type IncomingUpdate, parseUpdate } from "./incomingUpdate.ts";
import { Listeners } from "./listeners.ts";
import { afterPollFailure } from "./pollPolicy.ts";
import { TelegramApiError } from "./telegramApiError.ts";
import type { TelegramPort } from "./telegramPort.ts";

/** Its signal aborts when the poller stops; whatever the handler does should then come to an end. */
export type UpdateHandler = (update: IncomingUpdate, signal: AbortSignal) => void | Promise<void>;

export interface UpdatePollerOptions {
  readonly port: TelegramPort;
  readonly handle: UpdateHandler;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** From 0 to 1; for the jitter. */
  readonly random?: () => number;
  /** Seconds that one poll is held open; Telegram takes 50 at most. */
  readonly pollTimeoutS?: number;
  /** How long `stop` waits for handlers, and for telling Telegram what was read. */
  readonly stopTimeoutMs?: number;
}

export class UpdatePoller {
  readonly #port: TelegramPort;
  readonly #handle: UpdateHandler;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #pollTimeoutS: number;
  readonly #stopTimeoutMs: number;
  readonly #statusListeners = new Listeners<ConnectionStatus>();
  readonly #handling = new Set<Promise<void>>();
  #status: ConnectionStatus = { state: "stopped" };
  #running: { readonly controller: AbortController; readonly loop: Promise<void> } | undefined;
  #bot: BotIdentity | undefined;
  #webhookRemoved = false;
  #offset: number | undefined;

  constructor(options: UpdatePollerOptions) {
    this.#port = options.port;
    this.#handle = options.handle;
    this.#logger = options.logger;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#pollTimeoutS = options.pollTimeoutS ?? 50;
    this.#stopTimeoutMs = options.stopTimeoutMs ?? 5_000;
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  /** Who the bot is, once Telegram has said so. */
  get bot(): BotIdentity | undefined {
    return this.#bot;
  }

  /** Fires when the state, or the reason for being away, changes; not at every try. */
  onDidChangeStatus(listener: (status: ConnectionStatus) => void): Disposable {
    return this.#statusListeners.add(listener);
  }

  /** Begins to read. It returns at once and cannot fail: being offline is a status. */
  start(): void {
    if (this.#running !== undefined) return;
    const controller = new AbortController();
    this.#setStatus({ state: "connecting", sinceMs: this.#clock.dateMs() });
    this.#running = { controller, loop: this.#run(controller.signal) };
  }

  /** Stops reading, waits for the handlers at work, then tells Telegram what was read, so that a restart does not read it again. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    running.controller.abort();
    await running.loop;
    await this.#drain();
    this.#setStatus({ state: "stopped" });
  }

  async #run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    // The first poll after a failure returns at once, so that "connected" is known without waiting for a long poll's end.
    let confirmed = false;
    while (!signal.aborted) {
      try {
        const bot = await this.#introduce(signal);
        const updates = await this.#poll(confirmed ? this.#pollTimeoutS : 0, signal);
        // One quick success proves little while another poller fights for the updates; a whole long poll does.
        if (confirmed || updates.length > 0) failures = 0;
        confirmed = true;
        if (this.#status.state !== "connected") {
          this.#setStatus({ state: "connected", sinceMs: this.#clock.dateMs(), bot });
        }
        for (const update of updates) this.#dispatch(update, signal);
      } catch (error) {
        if (signal.aborted) return;
        confirmed = false;
        await this.#setBack(error, failures, signal);
        failures += 1;
      }
    }
  }

  /** Learns who the bot is and makes sure that no webhook takes its updates. */
  async #introduce(signal: AbortSignal): Promise<BotIdentity> {
    if (this.#bot === undefined) {
      const { id, username } = await this.#port.call("getMe", {}, signal);
      this.#bot = { id, username: username ?? "" };
    }
    if (!this.#webhookRemoved) {
      await this.#port.call("deleteWebhook", {}, signal);
      this.#webhookRemoved = true;
    }
    return this.#bot;
  }

  async #poll(timeoutS: number, signal: AbortSignal | undefined): Promise<readonly unknown[]> {
    const offset = this.#offset === undefined ? {} : { offset: this.#offset };
    return this.#port.call("getUpdates", { ...offset, timeout: timeoutS, allowed_updates: ALLOWED_UPDATES }, signal);
  }

  async #setBack(error: unknown, failures: number, signal: AbortSignal): Promise<void> {
    const failed =
      error instanceof TelegramApiError
        ? error
        : new TelegramApiError("getUpdates", { code: "badRequest" }, String(error));
    const setback = afterPollFailure(failed, failures, this.#random());
    if (setback.webhookInTheWay) this.#webhookRemoved = false;
    const nowMs = this.#clock.dateMs();
    const before = this.#status;
    const sinceMs = before.state === "away" && before.why === setback.why ? before.sinceMs : nowMs;
    const { why, message, waitMs } = setback;
    if (failures === 0) this.#logger.warn(failed.message);
    this.#setStatus({ state: "away", sinceMs, why, message, nextTryMs: nowMs + waitMs });
    await this.#clock.wait(waitMs, signal);
  }

  #dispatch(raw: unknown, signal: AbortSignal): void {
    const update = parseUpdate(raw);
    if (update === undefined) {
      this.#logger.warn("An update without an id was passed over");
      return;
    }
    this.#offset = update.updateId + 1;
    if (update.kind === "unknown") {
      this.#logger.warn(`Update ${update.updateId} was passed over: ${update.why}`);
      return;
    }
    const work = this.#handleSafely(update, signal).finally(() => this.#handling.delete(work));
    this.#handling.add(work);
  }

  async #handleSafely(update: IncomingUpdate, signal: AbortSignal): Promise<void> {
    try {
      await this.#handle(update, signal);
    } catch (error) {
      this.#logger.warn(
        `Update ${update.updateId} (${update.kind}) failed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  async #drain(): Promise<void> {
    const deadline = new AbortController();
    const patience = this.#clock.wait(this.#stopTimeoutMs, deadline.signal);
    await Promise.race([Promise.allSettled(this.#handling), patience]);
    if (this.#handling.size > 0) this.#logger.warn(`${this.#handling.size} update handlers did not end in time`);
    deadline.abort();
    if (this.#offset === undefined || this.#status.state !== "connected") return;
    try {
      await this.#poll(0, AbortSignal.timeout(this.#stopTimeoutMs));
    } catch (error) {
      // Telegram will then deliver the last updates once more; whoever acts on updates must bear that anyway.
      this.#logger.warn(
        `What was read could not be confirmed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  #setStatus(status: ConnectionStatus): void {
    const before = this.#status;
    this.#status = status;
    const same =
      before.state === status.state &&
      (before.state !== "away" || status.state !== "away" || before.why === status.why);
    if (!same) this.#statusListeners.fire(status);
  }
}
