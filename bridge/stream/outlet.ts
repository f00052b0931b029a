/**
 * Owns what waits to be sent on one connection, and its bound. A reader that does not keep up is cut off rather than
 * waited for or fed without end: it comes back with its cursor and finds everything in the store.
 */

/** Why a connection was cut: too much waits for it, or it has taken nothing for too long. */
export type CutReason = "slow" | "stalled";

export interface OutletLimits {
  /** What may wait in this process. The kernel holds up to about 3 MB more, which nobody can see from here. */
  readonly maxQueuedBytes: number;
  readonly maxQueuedEvents: number;
  /** A reader that takes nothing for this long while something waits for it is gone. */
  readonly stallTimeoutMs: number;
}

export const OUTLET_LIMITS: OutletLimits = {
  maxQueuedBytes: 1024 * 1024,
  maxQueuedEvents: 1000,
  stallTimeoutMs: 10_000,
};

/** The connection below: an SSE response or a WebSocket. */
export interface OutletTarget {
  /** `onFlushed` is called once the kernel has it all. It need not be called once the connection is closed. */
  write(buffer: Buffer, onFlushed: (() => void) | undefined): void;
  /** Bytes that the kernel has not taken yet. */
  bufferedBytes(): number;
  /** Closes after what waits was sent. */
  end(): void;
  /** Says why behind what waits, and closes. A reader that does not take it within `FAREWELL_MS` never hears of it. */
  cut(reason: CutReason): void;
  /** Closes now. A polite `end` on a stalled socket would wait for ever. */
  destroy(): void;
}

/** How long what waits for a reader that was cut is kept for it. */
export const FAREWELL_MS = 10_000;

/** What a reader is told. */
export const CUT_REASONS: Readonly<Record<CutReason, string>> = {
  slow: "This was read too slowly: too much waited to be sent",
  stalled: "This was read too slowly: nothing of it was taken for too long",
};

export class Outlet {
  readonly #target: OutletTarget;
  readonly #limits: OutletLimits;
  readonly #onCut: (reason: CutReason) => void;
  readonly #closed = new AbortController();
  #writtenBytes = 0;
  #queuedEvents = 0;
  #flushedBytes = 0;
  #progressMs: number;

  constructor(options: {
    readonly target: OutletTarget;
    readonly nowMs: number;
    readonly limits?: OutletLimits;
    readonly onCut?: (reason: CutReason) => void;
  }) {
    this.#target = options.target;
    this.#limits = options.limits ?? OUTLET_LIMITS;
    this.#onCut = options.onCut ?? (() => undefined);
    this.#progressMs = options.nowMs;
  }

  /** Aborted once the connection is closed, by whichever side. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  get queuedBytes(): number {
    return this.#target.bufferedBytes();
  }

  /** Sends a buffer that holds this many events. What waited before it decides whether the reader is cut instead. */
  write(buffer: Buffer, eventCount: number): void {
    this.#write(buffer, eventCount, undefined);
  }

  /** Sends a buffer and resolves once the kernel has it, or the connection is closed: for those who can wait. */
  flush(buffer: Buffer, eventCount: number): Promise<void> {
    return this.#untilFlushed((onFlushed) => this.#write(buffer, eventCount, onFlushed));
  }

  #write(buffer: Buffer, eventCount: number, onFlushed: (() => void) | undefined): void {
    if (this.#closed.signal.aborted) return;
    const queuedBytes = this.#target.bufferedBytes();
    if (queuedBytes === 0) this.#queuedEvents = 0;
    if (queuedBytes > this.#limits.maxQueuedBytes || this.#queuedEvents > this.#limits.maxQueuedEvents) {
      this.#cut("slow");
      return;
    }
    this.#queuedEvents += eventCount;
    this.#writtenBytes += buffer.length;
    this.#target.write(buffer, onFlushed);
  }

  /** Cuts a reader that has taken nothing for too long. To be called now and then. */
  checkProgress(nowMs: number): void {
    if (this.#closed.signal.aborted) return;
    const queuedBytes = this.#target.bufferedBytes();
    const flushedBytes = this.#writtenBytes - queuedBytes;
    if (queuedBytes === 0 || flushedBytes !== this.#flushedBytes) {
      this.#flushedBytes = flushedBytes;
      this.#progressMs = nowMs;
      return;
    }
    if (nowMs - this.#progressMs >= this.#limits.stallTimeoutMs) this.#cut("stalled");
  }

  end(): void {
    if (!this.#closed.signal.aborted) this.#target.end();
  }

  /** Closes without waiting for what is queued, and without a fault of the reader's. */
  abandon(): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    this.#target.destroy();
  }

  /** The connection is closed. Whoever owns it says so here. */
  didClose(): void {
    this.#closed.abort();
  }

  #cut(reason: CutReason): void {
    this.#closed.abort();
    this.#onCut(reason);
    this.#target.cut(reason);
  }

  #untilFlushed(begin: (onFlushed: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#closed;
      const done = () => {
        signal.removeEventListener("abort", done);
        resolve();
      };
      signal.addEventListener("abort", done, { once: true });
      begin(done);
      if (signal.aborted) done();
    });
  }
}
