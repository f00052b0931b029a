/** Owns what the routes need of the rest of the bridge: each part by what is asked of it here, no more. */
import type { Event } from "../../shared/events/event.ts";
import type { Approval, ApprovalState, DecisionRequest, DecisionResult } from "../../shared/protocol/approval.ts";
import type { Health } from "../../shared/protocol/health.ts";
import type { StoreRange } from "../../shared/protocol/store.ts";
import type { State } from "../../shared/state/state.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { LogStore } from "../logs/logStore.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { EventStore } from "../store/eventStore.ts";
import type { StreamHub } from "../stream/streamHub.ts";
import type { Ingest } from "./ingest.ts";
import type { JobRunners } from "./jobRunners.ts";

export interface StateSource {
  readonly state: State;
}

export interface ApprovalFilter {
  readonly state?: ApprovalState;
  readonly project_id?: string;
  readonly session_id?: string;
}

export interface ApprovalService {
  list(filter?: ApprovalFilter): readonly Approval[];
  get(id: string): Approval | undefined;
  /** @throws ProblemError `already_decided` or `unknown_approval`. */
  decide(id: string, request: DecisionRequest): Promise<DecisionResult>;
  /** Resolves with the approval once it is decided, or as it is when the time is over. */
  waitForDecision(id: string, timeoutMs: number, signal: AbortSignal): Promise<Approval>;
  /** A decision without an `approval_id` gets the one that it can only mean. @throws ProblemError `unknown_approval`. */
  resolveDecision(event: Event): Event;
}

export interface Services {
  readonly store: Pick<EventStore, "epoch" | "firstSeq" | "lastSeq" | "query"> & {
    /** Where retention has removed events and left others round them. */
    thinned?(): readonly StoreRange[];
  };
  readonly projection: StateSource;
  readonly approvals: ApprovalService;
  readonly logs: LogStore;
  readonly streamHub: StreamHub;
  readonly jobs: JobRunners;
  readonly metrics: Metrics;
  readonly ingest: Ingest;
  readonly log: Logger;
  readonly health: () => Health;
}
