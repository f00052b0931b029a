/** Owns what `/healthz` and `/readyz` answer: the specification's fields first, then what an operator asks next. */

export interface Health {
  readonly status: "healthy" | "degraded" | "unhealthy";
  /** Events that were taken and not yet handed to all subscribers. */
  readonly queue_size: number;
  readonly handlers_registered: number;
  readonly version: string;
  readonly protocol: number;
  readonly instance_id: string;
  readonly pid: number;
  readonly started_at: string;
  readonly store: StoreHealth;
  readonly bus: BusHealth;
  readonly telegram: TelegramHealth;
  readonly running_jobs: number;
  readonly pending_approvals: number;
  readonly streams: number;
  /** What is wrong, in sentences; empty when healthy. */
  readonly warnings: readonly string[];
}

export interface StoreHealth {
  readonly state: "open" | "read_only" | "failed";
  readonly epoch: string;
  readonly first_seq: number;
  readonly last_seq: number;
  readonly bytes: number;
}

export interface BusHealth {
  readonly kind: "embedded" | "redis";
  readonly state: "connected" | "away";
  /** Since when it is away: RFC 3339. */
  readonly away_since: string | null;
  /** Events on disk here that wait for Redis. */
  readonly waiting: number;
}

export interface TelegramHealth {
  readonly state: "off" | "connected" | "away" | "conflict" | "unauthorized";
  readonly detail: string | null;
  readonly paired_chats: number;
  readonly queued_messages: number;
}
