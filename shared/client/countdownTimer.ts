/** Owns when countdowns that somebody sees are drawn again: one timer, for the one that changes first, and none where none runs. */
import type { countdownChangesInMs, Limited } from "../text/countdown.ts";
import { soonestChangeMs } from "../text/countdown.ts";

/** Longest delay that a Node timer takes, in milliseconds; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface CountdownTimerOptions {
  /** Whose countdowns are seen now. */
  readonly shown: () => Iterable<Limited>;
  readonly changesInMs: typeof countdownChangesInMs;
  readonly onDue: () => void;
  readonly nowMs?: () => number;
}

export class CountdownTimer implements Disposable {
  readonly #options: CountdownTimerOptions;
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;

  constructor(options: CountdownTimerOptions) {
    this.#options = options;
  }

  /** To be called when what is shown may have changed; it goes on by itself from then on. */
  look(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#hasEnded) return;
    const { shown, changesInMs, nowMs = Date.now } = this.#options;
    const inMs = soonestChangeMs(shown(), nowMs(), changesInMs);
    if (inMs === undefined) return;
    this.#timer = setTimeout(() => this.#due(), Math.min(inMs, MAX_TIMER_MS));
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
  }

  #due(): void {
    this.#options.onDue();
    this.look();
  }
}
