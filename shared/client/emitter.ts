/** Owns telling listeners: each is called, and one that throws harms neither the others nor the connection. */

/** Gets what a callback threw. It must not throw itself. */
export type ErrorReporter = (error: unknown) => void;

/** Where nobody asked to be told, the process says it: on standard error, or in VS Code's extension host log. */
export const warnOfError: ErrorReporter = (error) => {
  process.emitWarning(error instanceof Error ? error : String(error));
};

/** Calls something that is not ours; what it throws is reported and goes no further. */
export function callSafely(call: () => void, onError: ErrorReporter): void {
  try {
    call();
  } catch (error) {
    onError(error);
  }
}

export class Emitter<Arguments extends readonly unknown[]> {
  readonly #listeners = new Set<(...values: Arguments) => void>();
  readonly #onError: ErrorReporter;

  constructor(onError: ErrorReporter) {
    this.#onError = onError;
  }

  /** Calls the listener from now on, until the answer is disposed. */
  on(listener: (...values: Arguments) => void): Disposable {
    // A function of its own, so that a listener given twice is called twice and disposed apart.
    const own = (...values: Arguments) => listener(...values);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  emit(...values: Arguments): void {
    for (const listener of [...this.#listeners]) callSafely(() => listener(...values), this.#onError);
  }
}
