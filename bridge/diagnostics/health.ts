/** Owns the one account of how the bridge does: what `/healthz`, `televibe status` and the status bar say. */
import type { BusHealth, Health, StoreHealth, TelegramHealth } from "../../shared/protocol/health.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/version.ts";
import type { State } from "../../shared/state/state.ts";
import { hasEnded } from "../../shared/state/state.ts";
import type { BusStatus } from "../bus/eventBus.ts";

/** What the account is made of. */
export interface HealthSources {
  readonly version: string;
  readonly instanceId: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly store: StoreHealth;
  readonly storeWarnings: readonly string[];
  readonly bus: BusStatus;
  readonly telegram: TelegramHealth;
  readonly state: State;
  readonly streams: number;
}

/** A store that cannot be written is what makes a bridge unhealthy; everything else it outlives. */
export function composeHealth(sources: HealthSources): Health {
  const { bus, store, telegram, state } = sources;
  const warnings = [
    ...storeWarnings(store),
    ...sources.storeWarnings,
    ...busWarnings(bus),
    ...telegramWarnings(telegram),
  ];
  return {
    status: store.state === "failed" ? "unhealthy" : warnings.length > 0 ? "degraded" : "healthy",
    queue_size: bus.queue_size,
    handlers_registered: bus.handlers_registered,
    version: sources.version,
    protocol: PROTOCOL_VERSION,
    instance_id: sources.instanceId,
    pid: sources.pid,
    started_at: sources.startedAt,
    store,
    bus: { kind: bus.kind, state: bus.state, away_since: bus.away_since, waiting: bus.waiting },
    telegram,
    running_jobs: [...state.jobs.values()].filter((job) => !hasEnded(job.state) && job.state !== "queued").length,
    pending_approvals: [...state.approvals.values()].filter((approval) => approval.state === "pending").length,
    streams: sources.streams,
    warnings,
  };
}

function storeWarnings({ state }: StoreHealth): string[] {
  switch (state) {
    case "open":
      return [];
    case "read_only":
      return ["The disk is full: events are refused until there is room"];
    case "failed":
      return ["The store cannot be written any more: check the disk, then restart the bridge"];
  }
}

function busWarnings({ state, away_since, waiting }: BusHealth): string[] {
  if (state === "connected") return [];
  const since = away_since === null ? "" : ` since ${away_since}`;
  return [
    `Redis is away${since}: ${waiting === 1 ? "1 event waits" : `${waiting} events wait`} on disk, and approvals cannot be decided`,
  ];
}

function telegramWarnings({ state, detail }: TelegramHealth): string[] {
  const why = detail === null ? "" : `: ${detail}`;
  switch (state) {
    case "off":
    case "connected":
      return [];
    case "away":
      return [`Telegram cannot be reached${why}`];
    case "conflict":
      return [`Another program reads this Telegram bot's messages${why}`];
    case "unauthorized":
      return [`Telegram does not accept the bot's token${why}`];
  }
}
