/** Owns looking through a partition and rewriting it in small steps, so that neither the worker nor anybody who asks it waits long. */

import { paced } from "./pacing.ts";
import type { PartitionWorker } from "./partitionWorker.ts";
import { END_OF_TIME_MS, type RemovalRules, type TimeBounds } from "./retentionPolicy.ts";
import type { RemovalRequest, RemovalWeight, RequestOf, ResponseOf, SealedPartition } from "./worker/messages.ts";

/** Rows a step: some ten milliseconds of the worker's time, since each is indexed anew. */
const ROWS_A_STEP = 250;
/** Rows that are only looked at. */
const ROWS_A_LOOK = 2500;

export interface Rewrite {
  /** The partitions to take events from, ascending and adjacent. */
  readonly sources: readonly number[];
  readonly first: number;
  readonly last: number;
  readonly sealedAtMs: number;
  /** Without it all events stay. */
  readonly removal: RemovalRequest | null;
}

export class PartitionRewriter {
  readonly #worker: PartitionWorker;
  #nextDraft = 1;

  constructor(worker: PartitionWorker) {
    this.#worker = worker;
  }

  /** What of a partition may go. */
  async weigh(partition: number, removal: RemovalRequest, signal: AbortSignal): Promise<RemovalWeight> {
    let total: RemovalWeight = {
      events: 0,
      bytes: 0,
      removableEvents: 0,
      removableBytes: 0,
      removableFrom: 0,
      removableTo: 0,
    };
    let after: number | null = 0;
    while (after !== null) {
      signal.throwIfAborted();
      const request: RequestOf<"weigh"> = { partition, after, rows: ROWS_A_LOOK, removal };
      const step: ResponseOf<"weigh"> = await paced(() => this.#worker.call("weigh", request), signal);
      total = sum(total, step.weight);
      after = step.next;
    }
    return total;
  }

  /** Writes what stays of partitions as one. They are as they were when it throws, also for the signal. */
  async rewrite({ sources, removal, ...target }: Rewrite, signal: AbortSignal): Promise<SealedPartition> {
    const draft = this.#nextDraft++;
    let isNew = true;
    try {
      for (const partition of sources) {
        let after: number | null = 0;
        while (after !== null) {
          signal.throwIfAborted();
          const request: RequestOf<"copy"> = { draft, isNew, partition, after, rows: ROWS_A_STEP, removal };
          const step: ResponseOf<"copy"> = await paced(() => this.#worker.call("copy", request), signal);
          after = step.next;
          isNew = false;
        }
      }
      signal.throwIfAborted();
      return await this.#worker.call("finishDraft", { draft, ...target, replaces: sources });
    } catch (error) {
      // A worker that is gone has no draft any more either.
      await this.#worker.call("dropDraft", { draft }).catch(() => undefined);
      throw error;
    }
  }
}

/** Rules as the worker gets them. */
export function removalRequest({ beforeMs, projects, pinned }: RemovalRules, bounds: TimeBounds): RemovalRequest {
  return {
    beforeMs,
    projects: [...projects],
    pinned: pinned.map(({ project_id, session_id }) => [project_id, session_id] as const),
    leastMs: Math.max(bounds.leastMs, -END_OF_TIME_MS),
    mostMs: bounds.mostMs,
  };
}

function sum(a: RemovalWeight, b: RemovalWeight): RemovalWeight {
  return {
    events: a.events + b.events,
    bytes: a.bytes + b.bytes,
    removableEvents: a.removableEvents + b.removableEvents,
    removableBytes: a.removableBytes + b.removableBytes,
    removableFrom: a.removableFrom || b.removableFrom,
    removableTo: b.removableTo || a.removableTo,
  };
}
