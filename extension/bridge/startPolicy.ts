/** Owns how often a window starts a bridge that does not come up: a few times, then only when a person asks. Pure. */

/** A start that fails writes to the log and costs a process; one that failed so often in a row fails for a lasting reason. */
export const MAX_START_FAILURES = 3;

/** Immutable: each step answers the policy that holds from then on. */
export class StartPolicy {
  readonly #failures: number;
  readonly #wasAsked: boolean;

  constructor(failures = 0, wasAsked = false) {
    this.#failures = failures;
    this.#wasAsked = wasAsked;
  }

  /** @param isAllowed what the user's setting says; a person who asked for a bridge overrules it. */
  mayStart(isAllowed: boolean): boolean {
    return (isAllowed || this.#wasAsked) && !this.hasGivenUp;
  }

  get hasGivenUp(): boolean {
    return this.#failures >= MAX_START_FAILURES;
  }

  afterSuccess(): StartPolicy {
    return new StartPolicy(0, this.#wasAsked);
  }

  afterFailure(): StartPolicy {
    return new StartPolicy(this.#failures + 1, this.#wasAsked);
  }

  /** For the rest of the window's life that counts as leave to start one. */
  afterAsking(): StartPolicy {
    return new StartPolicy(0, true);
  }
}
