/** Owns when is forgotten, and by which settings: in the background, at the start and each hour, while nobody reads all there is. */
import { setTimeout as delay } from "node:timers/promises";
import type {
  PinnedSession,
  RetentionChange,
  RetentionPass,
  RetentionReport,
  RetentionSettings,
} from "../../shared/protocol/store.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { RetentionSettingsFile } from "./retentionSettings.ts";
import { type ForgetfulLogs, type ForgetfulStore, RetentionSweep } from "./retentionSweep.ts";

const DEFAULT_INTERVAL_MS = 60 * 60 * 1000;
/** How often somebody who waits for all holds to end looks. */
const LOOK_INTERVAL_MS = 50;

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
    const { upkeep, logs, storeBytes, log, onDidRun } = this.#options;
    try {
      const settings = await this.#read();
      if (settings === undefined || this.#holds > 0) return;
      const sweep = new RetentionSweep({
        store: upkeep(),
        ...(logs === undefined ? {} : { logs }),
        storeBytes,
        nowMs: await upkeep().retentionNow(),
        signal: this.#stopping.signal,
        isInterrupted: () => this.#isInterrupted,
      });
      await sweep.removeOld(settings);
      this.#shortage = await sweep.makeRoom(settings);
      const { total } = sweep;
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
}
