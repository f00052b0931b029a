/**
 * Owns one pass of forgetting: what is too old goes, and then the oldest for as long as there is too much. Events and logs go
 * by the same rules.
 */
import type { RetentionSettings } from "../../shared/protocol/store.ts";
import { NOTHING_REMOVED, type RemovalTerms, type Removed, type SealedAge } from "./partitionRemoval.ts";
import {
  ageRules,
  type Holding,
  LEAST_THINNED_SHARE,
  oldestFirst,
  type RemovalRules,
  roomRules,
} from "./retentionPolicy.ts";

/** What retention asks of the event store. */
export interface ForgetfulStore {
  retentionNow(): Promise<number>;
  sealedPartitions(nowMs: number): readonly SealedAge[];
  closeActiveFor(terms: RemovalTerms): Promise<void>;
  reducePartition(first: number, terms: RemovalTerms): Promise<Removed>;
}

/** What retention asks of the logs: each with what it takes to know whether it may go. */
export interface ForgetfulLogs {
  /** All logs; whose they are is only looked up where it matters. */
  list(options: { readonly withPlaces: boolean }): Promise<readonly LogHolding[]>;
  remove(id: string): Promise<void>;
}

export interface LogHolding {
  readonly id: string;
  readonly bytes: number;
  readonly lastWriteMs: number;
  /** Whose it is, as far as events tell. */
  readonly project_id: string | null;
  readonly session_id: string | null;
  /** Its job runs: it stays. */
  readonly isRunning: boolean;
}

export interface RetentionSweepOptions {
  readonly store: ForgetfulStore;
  readonly logs?: ForgetfulLogs;
  /** Events' files and the journal, when it is called. */
  readonly storeBytes: () => number;
  readonly nowMs: number;
  readonly signal: AbortSignal;
  /** Whether it is to end before the next thing that it would remove. */
  readonly isInterrupted: () => boolean;
}

export class RetentionSweep {
  readonly #options: RetentionSweepOptions;
  #total: Total = { events: 0, logs: 0, bytes: 0 };

  constructor(options: RetentionSweepOptions) {
    this.#options = options;
  }

  /** What is gone so far. */
  get total(): Total {
    return this.#total;
  }

  async removeOld(settings: RetentionSettings): Promise<void> {
    const { store, logs, nowMs, signal, isInterrupted } = this.#options;
    const rules = ageRules(settings, nowMs);
    const terms = { rules, nowMs, leastShare: LEAST_THINNED_SHARE, signal };
    await store.closeActiveFor(terms);
    for (const { first } of store.sealedPartitions(nowMs)) {
      if (isInterrupted()) return;
      this.#add(await store.reducePartition(first, terms));
      await turn();
    }
    for (const log of (await logs?.list({ withPlaces: hasPlaces(rules) })) ?? []) {
      if (isInterrupted()) return;
      if (mayGo(log, rules)) this.#add(await this.#removeLog(log), 1);
    }
  }

  /**
   * Oldest first, events and logs alike, so that a job's log goes with its events. Answers, in a sentence, why the bound on
   * bytes is not kept.
   */
  async makeRoom({ max_bytes, pinned }: RetentionSettings): Promise<string | undefined> {
    const { store, logs, storeBytes, nowMs, signal, isInterrupted } = this.#options;
    const rules = roomRules(pinned);
    const listed = (await logs?.list({ withPlaces: hasPlaces(rules) })) ?? [];
    const holdings: Holding<{ first: number } | { log: LogHolding }>[] = [
      ...store.sealedPartitions(nowMs).map(({ first, newestMs }) => ({ what: { first }, newestMs })),
      ...listed.filter((log) => mayGo(log, rules)).map((log) => ({ what: { log }, newestMs: log.lastWriteMs })),
    ];
    const terms = { rules, nowMs, leastShare: 0, signal };
    let left = storeBytes() + listed.reduce((bytes, log) => bytes + log.bytes, 0);
    for (const what of oldestFirst(holdings)) {
      if (max_bytes === null || left <= max_bytes || isInterrupted()) break;
      const isLog = "log" in what;
      const removed = isLog ? await this.#removeLog(what.log) : await store.reducePartition(what.first, terms);
      this.#add(removed, isLog ? 1 : 0);
      left -= removed.bytes;
      await turn();
    }
    if (max_bytes === null || left <= max_bytes || isInterrupted()) return undefined;
    return `What must be kept takes ${left} bytes, more than the bound of ${max_bytes}: unpin sessions or raise max_bytes`;
  }

  async #removeLog({ id, bytes }: LogHolding): Promise<Removed> {
    const { logs } = this.#options;
    if (logs === undefined) return NOTHING_REMOVED;
    await logs.remove(id);
    return { events: 0, bytes };
  }

  #add({ events, bytes }: Removed, logs = 0): void {
    const { total } = this;
    this.#total = { events: total.events + events, logs: total.logs + logs, bytes: total.bytes + bytes };
  }
}

interface Total {
  readonly events: number;
  readonly logs: number;
  readonly bytes: number;
}

/** Whether it matters whose something is. */
function hasPlaces({ projects, pinned }: RemovalRules): boolean {
  return projects.size > 0 || pinned.length > 0;
}

/** A log goes by the same rules as its job's events; one whose job no event tells of any more, by the general time. */
export function mayGo({ isRunning, lastWriteMs, project_id, session_id }: LogHolding, rules: RemovalRules): boolean {
  const { beforeMs, projects, pinned } = rules;
  const isPinned = pinned.some((pin) => pin.project_id === project_id && pin.session_id === session_id);
  const before = (project_id === null ? undefined : projects.get(project_id)) ?? beforeMs;
  return !isRunning && !isPinned && lastWriteMs < before;
}

/** Whatever else waits for the event loop or the disk goes first. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
