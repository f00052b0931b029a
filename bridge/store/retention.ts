/**
 * Owns forgetting in the background: at the start and each hour it reads the settings, removes what is too old, and then
 * the oldest for as long as there is too much. Events and logs go by the same rules.
 */
import { setTimeout as delay } from "node:timers/promises";
import type {
  PinnedSession,
  RetentionChange,
  RetentionPass,
  RetentionReport,
  RetentionSettings,
} from "../../shared/protocol/store.ts";
import type { Logger } from "../diagnostics/logger.ts";
import { NOTHING_REMOVED, type RemovalTerms, type Removed, type SealedAge } from "./partitionRemoval.ts";
import {
  ageRules,
  type Holding,
  LEAST_THINNED_SHARE,
  oldestFirst,
  type RemovalRules,
  roomRules,
} from "./retentionPolicy.ts";
import type { RetentionSettingsFile } from "./retentionSettings.ts";

const DEFAULT_INTERVAL_MS = 60 * 60 * 1000;
/** How often somebody who waits for all holds to end looks. */
const LOOK_INTERVAL_MS = 50;

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

export interface RetentionOptions {
  /** Events' files and the journal, when it is called. */
  readonly storeBytes: () => number;
  readonly upkeep: () => ForgetfulStore;
  readonly logs?: ForgetfulLogs;
  readonly settings: RetentionSettingsFile;
  readonly intervalMs?: number;
  readonly log: Logger;
  /** Told after each pass. */
  readonly onDidRun?: (pass: RetentionPass) => void;
}

export class Retention {
  readonly #options: RetentionOptions;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isPassing = false;
  #lastPass: RetentionPass | null = null;
  #toldProblem: string | undefined;
  /** Why the bound on bytes is not kept. */
  #shortage: string | undefined;
  /** Those who read all of the store and must find it as it was. */
  #holds = 0;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.run(), this.#options.intervalMs ?? DEFAULT_INTERVAL_MS);
    // Forgetting is no reason for the process to live on.
    this.#timer.unref();
    void this.run();
  }

  /** Begins nothing more and waits for what is in hand. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#timer);
    // Whoever has occupied it ends with the server.
    if (this.#isPassing) await this.#running;
  }

  /** Makes a pass, if none is being made; resolves when it is over. */
  run(): Promise<void> {
    if (this.#running === undefined) {
      this.#isPassing = true;
      this.#running = this.#pass().finally(() => {
        this.#isPassing = false;
        this.#running = undefined;
      });
    }
    return this.#running;
  }

  /** Nothing is removed until what it answers is disposed of. Waits for a pass that is being made. */
  async hold(): Promise<Disposable> {
    this.#holds += 1;
    await this.#running;
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.#holds -= 1;
        isHeld = false;
      },
    };
  }

  /**
   * Takes the place of a pass: none is made, and nobody gets a hold, until what it answers is disposed of. Waits for those
   * who hold it now.
   */
  async occupy(signal: AbortSignal): Promise<Disposable> {
    while (this.#holds > 0 || this.#running !== undefined) {
      await (this.#running ?? delay(LOOK_INTERVAL_MS, undefined, { signal }));
      signal.throwIfAborted();
    }
    let release = () => {};
    this.#running = new Promise<void>((resolve) => {
      release = resolve;
    }).finally(() => {
      this.#running = undefined;
    });
    return { [Symbol.dispose]: () => release() };
  }

  /** In sentences, for `/healthz`. */
  warnings(): readonly string[] {
    const { settings } = this.#options;
    const inForce = settings.current === undefined ? "nothing is removed" : "what it said before stays in force";
    return [
      ...(settings.problem === undefined ? [] : [`${settings.problem}; until that is mended, ${inForce}`]),
      ...(this.#shortage === undefined ? [] : [this.#shortage]),
    ];
  }

  report(): RetentionReport {
    const { settings } = this.#options;
    return {
      settings: settings.current ?? null,
      file: settings.path,
      problem: settings.problem ?? null,
      last_pass: this.#lastPass,
    };
  }

  /** What the settings are now, read anew. */
  async look(): Promise<RetentionReport> {
    await this.#read();
    return this.report();
  }

  change(change: RetentionChange): Promise<RetentionReport> {
    return this.#changed(() => this.#options.settings.change(change));
  }

  pin(session: PinnedSession): Promise<RetentionReport> {
    return this.#changed(() => this.#options.settings.pin(session));
  }

  unpin(session: PinnedSession): Promise<RetentionReport> {
    return this.#changed(() => this.#options.settings.unpin(session));
  }

  /** No pass goes on by the old rules once the change is confirmed; a new one follows in the background. */
  async #changed(change: () => Promise<RetentionSettings>): Promise<RetentionReport> {
    {
      using _held = await this.hold();
      await change();
    }
    if (!this.#stopping.signal.aborted) void this.run();
    return this.report();
  }

  async #read(): Promise<RetentionSettings | undefined> {
    const { settings, log } = this.#options;
    const current = await settings.read();
    if (settings.problem !== undefined && settings.problem !== this.#toldProblem) {
      log.warn("The retention settings are wrong", { problem: settings.problem });
    }
    this.#toldProblem = settings.problem;
    return current;
  }

  async #pass(): Promise<void> {
    const { upkeep, log, onDidRun } = this.#options;
    try {
      const settings = await this.#read();
      if (settings === undefined || this.#holds > 0) return;
      const nowMs = await upkeep().retentionNow();
      const before = { events: 0, logs: 0, bytes: 0 };
      const aged = await this.#removeOld(before, settings, nowMs);
      const total = await this.#makeRoom(aged, settings, nowMs);
      if (total.events + total.logs > 0) log.info("Removed what is kept no longer", { ...total });
      this.#lastPass = { ended_at: new Date().toISOString(), ...total };
      onDidRun?.(this.#lastPass);
    } catch (error) {
      if (this.#isInterrupted) return;
      log.error("Old events could not be removed; the next pass tries again", { error });
    }
  }

  get #isInterrupted(): boolean {
    return this.#stopping.signal.aborted || this.#holds > 0;
  }

  async #removeOld(total: Total, settings: RetentionSettings, nowMs: number): Promise<Total> {
    const { logs } = this.#options;
    const store = this.#options.upkeep();
    const rules = ageRules(settings, nowMs);
    const terms = { rules, nowMs, leastShare: LEAST_THINNED_SHARE, signal: this.#stopping.signal };
    await store.closeActiveFor(terms);
    let sum = total;
    for (const { first } of store.sealedPartitions(nowMs)) {
      if (this.#isInterrupted) return sum;
      sum = added(sum, await store.reducePartition(first, terms));
      await turn();
    }
    for (const log of (await logs?.list({ withPlaces: hasPlaces(rules) })) ?? []) {
      if (this.#isInterrupted) return sum;
      if (!mayGo(log, rules)) continue;
      await logs?.remove(log.id);
      sum = { ...sum, logs: sum.logs + 1, bytes: sum.bytes + log.bytes };
    }
    return sum;
  }

  /** Oldest first, events and logs alike, so that a job's log goes with its events. */
  async #makeRoom(total: Total, { max_bytes, pinned }: RetentionSettings, nowMs: number): Promise<Total> {
    const { logs } = this.#options;
    const store = this.#options.upkeep();
    const rules = roomRules(pinned);
    const listed = (await logs?.list({ withPlaces: hasPlaces(rules) })) ?? [];
    const partitions = store.sealedPartitions(nowMs);
    const holdings: Holding<{ first: number } | { log: LogHolding }>[] = [
      ...partitions.map(({ first, newestMs }) => ({ what: { first }, newestMs })),
      ...listed.filter((log) => mayGo(log, rules)).map((log) => ({ what: { log }, newestMs: log.lastWriteMs })),
    ];
    let sum = total;
    let left = this.#options.storeBytes() + listed.reduce((bytes, log) => bytes + log.bytes, 0);
    for (const what of oldestFirst(holdings)) {
      if (max_bytes === null || left <= max_bytes || this.#isInterrupted) break;
      const removed = await this.#removeForRoom(what, { rules, nowMs, leastShare: 0, signal: this.#stopping.signal });
      sum = added({ ...sum, logs: sum.logs + ("log" in what ? 1 : 0) }, removed);
      left -= removed.bytes;
      await turn();
    }
    const isShort = max_bytes !== null && left > max_bytes && !this.#isInterrupted;
    this.#shortage = isShort
      ? `What must be kept takes ${left} bytes, more than the bound of ${max_bytes}: unpin sessions or raise max_bytes`
      : undefined;
    return sum;
  }

  async #removeForRoom(what: { first: number } | { log: LogHolding }, terms: RemovalTerms): Promise<Removed> {
    const { logs } = this.#options;
    const store = this.#options.upkeep();
    if ("first" in what) return store.reducePartition(what.first, terms);
    if (logs === undefined) return NOTHING_REMOVED;
    await logs.remove(what.log.id);
    return { events: 0, bytes: what.log.bytes };
  }
}

interface Total {
  readonly events: number;
  readonly logs: number;
  readonly bytes: number;
}

function added(total: Total, { events, bytes }: Removed): Total {
  return { ...total, events: total.events + events, bytes: total.bytes + bytes };
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
