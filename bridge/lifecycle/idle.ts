/** Owns when a bridge that was started in the background stops itself: when nobody has had a use for it for a while. */

/** What a bridge is in use for. */
export interface Usage {
  /** Open streams and sockets of clients. */
  readonly streams: number;
  readonly runningJobs: number;
  readonly pendingApprovals: number;
  /** A paired chat may ask at any time. */
  readonly pairedChats: number;
  /** When a request or event came in last, in milliseconds since the epoch. */
  readonly lastActivityMs: number;
}

export const DEFAULT_IDLE_LIMIT_MS = 30 * 60_000;
const LOOK_INTERVAL_MS = 30_000;

export type IdleDecision =
  | { readonly kind: "stay"; readonly idleSinceMs: number | undefined }
  | { readonly kind: "stop"; readonly idleSinceMs: number };

/**
 * Stay or stop.
 *
 * @param idleSinceMs since when it was idle at the last look; undefined when it was in use.
 * @param limitMs how long it may be idle; undefined for a bridge in the foreground, which never stops by itself.
 */
export function decideIdle(
  usage: Usage,
  idleSinceMs: number | undefined,
  nowMs: number,
  limitMs: number | undefined,
): IdleDecision {
  if (limitMs === undefined || isInUse(usage)) return { kind: "stay", idleSinceMs: undefined };
  const sinceMs = Math.max(idleSinceMs ?? nowMs, usage.lastActivityMs);
  return nowMs - sinceMs >= limitMs ? { kind: "stop", idleSinceMs: sinceMs } : { kind: "stay", idleSinceMs: sinceMs };
}

function isInUse({ streams, runningJobs, pendingApprovals, pairedChats }: Usage): boolean {
  return streams > 0 || runningJobs > 0 || pendingApprovals > 0 || pairedChats > 0;
}

/** Looks from time to time, and says once when it is time to stop. */
export class IdleWatch {
  readonly #usage: () => Usage;
  readonly #onIdle: (idleSinceMs: number) => void;
  readonly #limitMs: number | undefined;
  readonly #nowMs: () => number;
  #idleSinceMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    readonly usage: () => Usage;
    /** Called once; begins the bridge's stop. */
    readonly onIdle: (idleSinceMs: number) => void;
    /** Undefined: never. */
    readonly limitMs: number | undefined;
    readonly nowMs?: () => number;
  }) {
    this.#usage = options.usage;
    this.#onIdle = options.onIdle;
    this.#limitMs = options.limitMs;
    this.#nowMs = options.nowMs ?? Date.now;
  }

  start(): void {
    if (this.#limitMs === undefined || this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.look(), Math.min(LOOK_INTERVAL_MS, Math.max(1, this.#limitMs / 4)));
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** One look. */
  look(): void {
    const decision = decideIdle(this.#usage(), this.#idleSinceMs, this.#nowMs(), this.#limitMs);
    this.#idleSinceMs = decision.idleSinceMs;
    if (decision.kind === "stay") return;
    this.stop();
    this.#onIdle(decision.idleSinceMs);
  }
}
