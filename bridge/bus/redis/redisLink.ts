/** Owns the connections to Redis: one for commands, one that is woken, both coming back by themselves. */
import { createClient } from "@redis/client";
import type { Logger } from "../../diagnostics/logger.ts";
import { ALL_CHANNELS } from "./keys.ts";

const CONNECT_TIMEOUT_MS = 2000;
/** A Redis that says nothing for this long, not even to a ping, is away: it may be stopped, not dead. */
const SILENCE_MS = 4000;
const PING_INTERVAL_MS = 1000;
const MAX_RETRY_MS = 2000;

export interface RedisLinkOptions {
  readonly url: string;
  readonly onReady: () => void;
  readonly onAway: (reason: string) => void;
  /** Something was published. */
  readonly onWake: () => void;
  readonly log: Logger;
}

/** Redis cannot be reached now, or refuses to serve: out of memory, read-only, wrong password, still loading. */
export class RedisAwayError extends Error {
  readonly code = "redis_away";

  constructor(cause: unknown) {
    super(`Redis is away: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = "RedisAwayError";
  }
}

/** The address of Redis cannot be used. Its text is not repeated: it may hold a password. */
export class RedisUrlError extends Error {
  readonly code = "redis_url_invalid";

  constructor() {
    super(
      "The address of Redis is not understood. It has the form redis://[user:password@]host[:port][/database], or rediss:// for TLS.",
    );
    this.name = "RedisUrlError";
  }
}

export interface StreamEntry {
  readonly id: string;
  readonly message: Readonly<Record<string, string>>;
}

export class RedisLink {
  readonly #options: RedisLinkOptions;
  readonly #commands: ReturnType<typeof connectionTo>;
  readonly #wakeUps: ReturnType<typeof connectionTo>;
  #isStopped = false;

  /** @throws RedisUrlError */
  constructor(options: RedisLinkOptions) {
    this.#options = options;
    if (!isRedisUrl(options.url)) throw new RedisUrlError();
    // A command that waited for a connection would run at some later time, when its caller has gone on.
    this.#commands = connectionTo(options.url, { disableOfflineQueue: true });
    this.#wakeUps = connectionTo(options.url, { disableOfflineQueue: false });
  }

  get isReady(): boolean {
    return this.#commands.isReady;
  }

  /** Begins to connect, and does not wait for it: Redis may come later. */
  start(): void {
    const { onReady, onAway, onWake, log } = this.#options;
    this.#commands.on("ready", onReady);
    this.#commands.on("error", (error: unknown) => onAway(reasonOf(error)));
    this.#commands.on("reconnecting", () => onAway("The connection was lost"));
    this.#wakeUps.on("error", (error: unknown) => log.debug("Redis cannot wake this bridge", { error }));
    this.#connect(this.#commands);
    this.#connect(this.#wakeUps);
    // Subscriptions are made again by the client itself when it reconnects.
    this.#wakeUps.pSubscribe(ALL_CHANNELS, onWake).catch((error: unknown) => this.#unlessStopped(error));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const client of [this.#commands, this.#wakeUps]) {
      if (client.isOpen) client.destroy();
    }
  }

  /**
   * Runs a script.
   *
   * @throws RedisAwayError when Redis refuses, when there is no connection, or when it is lost before the answer: then
   * nobody knows whether the script ran.
   */
  async run(script: string, args: readonly string[]): Promise<unknown> {
    try {
      return await this.#commands.eval(script, { arguments: [...args] });
    } catch (error) {
      throw new RedisAwayError(error);
    }
  }

  /**
   * Entries of a stream, oldest first. `start` is an id, or `(` and an id to begin after it.
   *
   * @throws RedisAwayError
   */
  async range(key: string, start: string, count: number): Promise<readonly StreamEntry[]> {
    try {
      const entries = await this.#commands.xRange(key, start, "+", { COUNT: count });
      return entries ?? [];
    } catch (error) {
      throw new RedisAwayError(error);
    }
  }

  #connect(client: ReturnType<typeof connectionTo>): void {
    client.connect().catch((error: unknown) => this.#unlessStopped(error));
  }

  #unlessStopped(error: unknown): void {
    if (!this.#isStopped) this.#options.log.warn("A connection to Redis ended", { error: reasonOf(error) });
  }
}

function connectionTo(url: string, { disableOfflineQueue }: { readonly disableOfflineQueue: boolean }) {
  return createClient({
    url,
    disableOfflineQueue,
    pingInterval: PING_INTERVAL_MS,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_MS,
      reconnectStrategy: (retries) =>
        Math.min(MAX_RETRY_MS, 50 * 2 ** Math.min(retries, 10)) * (0.5 + Math.random() / 2),
    },
  });
}

function isRedisUrl(url: string): boolean {
  return URL.canParse(url) && /^rediss?:\/\/[^/?#]+(\/\d*)?$/.test(url);
}

/** Never the URL: it may hold a password. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
