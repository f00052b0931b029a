/** Owns when a job's log ends for its followers: with the job, as the events tell it. */
import type { StoredEvent } from "../../shared/events/event.ts";
import { hasEnded, type State } from "../../shared/state/state.ts";
import type { EventBus } from "../bus/eventBus.ts";
import type { LogStore } from "./logStore.ts";

export interface LogEndsOptions {
  readonly bus: Pick<EventBus, "subscribe">;
  readonly projection: { readonly state: State };
  readonly logs: Pick<LogStore, "end" | "reopen">;
}

export class LogEnds {
  readonly #options: LogEndsOptions;
  #subscription: Disposable | undefined;

  constructor(options: LogEndsOptions) {
    this.#options = options;
  }

  /** To be called once the projection is current; what the jobs from before a restart do is told here. */
  start(): void {
    const { bus, logs, projection } = this.#options;
    for (const job of projection.state.jobs.values()) {
      if (hasEnded(job.state)) logs.end(job.job_id, job.state);
      // Its followers come back to a bridge that was restarted, and wait for more.
      else logs.reopen(job.job_id);
    }
    this.#subscription = bus.subscribe("job.*", (batch) => this.#apply(batch));
  }

  stop(): void {
    this.#subscription?.[Symbol.dispose]();
  }

  /** The state after the batch decides: a job may end and be started again within one. */
  #apply(batch: readonly StoredEvent[]): void {
    const { logs, projection } = this.#options;
    for (const job_id of new Set(batch.map((event) => event.job_id))) {
      const job = job_id === null ? undefined : projection.state.jobs.get(job_id);
      if (job === undefined) continue;
      if (hasEnded(job.state)) logs.end(job.job_id, job.state);
      else logs.reopen(job.job_id);
    }
  }
}
