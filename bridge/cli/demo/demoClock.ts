/** Owns the demo's time: an hour that passes in less than a minute and ends now; what comes after it is the time of day. */
import { setTimeout as delay } from "node:timers/promises";

const HOUR_MS = 3_600_000;

/** How long the hour takes at speed 1. */
const HOUR_TAKES_MS = 40_000;

export class DemoClock {
  readonly #speed: number;
  readonly #startMs = Date.now();

  /** @param speed 2 is twice as fast. */
  constructor(speed: number) {
    this.#speed = speed;
  }

  /** When something that happens now is said to have happened: RFC 3339. */
  timestamp(): string {
    const nowMs = Date.now();
    const leftMs = Math.max(0, this.#startMs + this.#hourTakesMs - nowMs);
    return new Date(nowMs + leftMs - leftMs * (HOUR_MS / this.#hourTakesMs)).toISOString();
  }

  /** Resolves at a minute of the hour, 0 to 60; at once when it is over. @throws the signal's reason. */
  async until(minute: number, signal: AbortSignal): Promise<void> {
    await this.#sleep(this.#startMs + (minute / 60) * this.#hourTakesMs - Date.now(), signal);
  }

  /** Resolves after so many minutes of the hour, which take as long when it is over. @throws the signal's reason. */
  async pass(minutes: number, signal: AbortSignal): Promise<void> {
    await this.#sleep((minutes / 60) * this.#hourTakesMs, signal);
  }

  /** How long something takes that takes so long at speed 1. */
  scaledMs(durationMs: number): number {
    return durationMs / this.#speed;
  }

  get #hourTakesMs(): number {
    return this.scaledMs(HOUR_TAKES_MS);
  }

  async #sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    await delay(Math.max(0, delayMs), undefined, { signal }).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : error;
    });
  }
}
