/** Owns the bounded queue between a connection that brings frames and a consumer that takes them at its own pace. */
export class FrameQueue<T> {
  readonly #most: number;
  #frames: T[] = [];
  #isClosed = false;
  #failure: Error | undefined;
  /** Called when something of the above has changed. */
  #waiters: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  put(frame: T): void {
    if (this.#isClosed) return;
    this.#frames.push(frame);
    this.#notify();
  }

  /** Takes nothing more; what is in it can still be taken, and then the failure is thrown, if there is one. */
  close(failure?: Error): void {
    if (!this.#isClosed) this.#failure = failure;
    this.#isClosed = true;
    this.#notify();
  }

  /** Resolves when a frame more is welcome. */
  async hasRoom(): Promise<void> {
    while (this.#frames.length >= this.#most && !this.#isClosed) await this.#change();
  }

  /** What is in it, then what comes, until it is closed. */
  async *take(): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const frames = this.#frames;
      this.#frames = [];
      if (frames.length > 0) this.#notify();
      yield* frames;
      if (this.#frames.length > 0) continue;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isClosed) return;
      await this.#change();
    }
  }

  #notify(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }
}
