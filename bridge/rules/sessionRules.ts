/** Owns the end of rules that are for one session: they go when it closes, or when nothing was heard of it for a week. */
import type { StoredEvent } from "../../shared/events/event.ts";
import { ProblemError } from "../../shared/protocol/problem.ts";
import type { Rule } from "../../shared/protocol/rules.ts";
import type { State } from "../../shared/state/state.ts";
import type { EventBus } from "../bus/eventBus.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { RulesFile } from "./rulesFile.ts";

const GONE_AFTER_MS = 7 * 24 * 60 * 60 * 1000;
/** Also how soon a file that is wrong is reported when nobody asks anything. */
const LOOK_INTERVAL_MS = 60_000;

export interface SessionRulesOptions {
  readonly file: Pick<RulesFile, "remove">;
  readonly bus: Pick<EventBus, "subscribe">;
  readonly state: () => State;
  readonly nowMs: () => number;
  readonly log: Logger;
}

export class SessionRules {
  readonly #options: SessionRulesOptions;
  readonly #working = new Set<Promise<void>>();
  #subscription: Disposable | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SessionRulesOptions) {
    this.#options = options;
  }

  start(): void {
    this.#subscription = this.#options.bus.subscribe("session.closed", (batch) => this.#closed(batch));
    this.#timer = setInterval(() => this.#removeGone(), LOOK_INTERVAL_MS);
    this.#timer.unref();
    this.#removeGone();
  }

  /** Waits for what is being written. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#subscription?.[Symbol.dispose]();
    await Promise.all(this.#working);
  }

  #closed(batch: readonly StoredEvent[]): void {
    this.#remove((rule) =>
      batch.some(({ project_id, session_id }) => rule.session === session_id && rule.project === project_id),
    );
  }

  #removeGone(): void {
    const now = this.#options.nowMs();
    this.#remove((rule) => isGone(rule, this.#options.state(), now));
  }

  /** What people wrote themselves stays: they may mean a session that comes again under its name. */
  #remove(isMeant: (rule: Rule) => boolean): void {
    const removing = this.#options.file
      .remove((rule) => rule.session !== undefined && rule.remembered_at !== undefined && isMeant(rule))
      .catch((error: unknown) => {
        // A file that is wrong is reported where it is read, and these go once it is mended.
        const isReported = error instanceof ProblemError && error.code === "settings_invalid";
        if (!isReported) this.#options.log.warn("Rules of sessions that have ended could not be removed", { error });
      })
      .then(() => undefined)
      .finally(() => this.#working.delete(removing));
    this.#working.add(removing);
  }
}

/** Pure, so that it can be tried without waiting a week. */
export function isGone({ project, session, remembered_at = "" }: Rule, state: State, nowMs: number): boolean {
  const known = [...state.sessions.values()].find(
    ({ project_id, session_id }) => session_id === session && project_id === project,
  );
  if (known !== undefined && known.closed_at !== null && known.closed_at >= remembered_at) return true;
  const lastMs = Math.max(Date.parse(remembered_at), known === undefined ? 0 : Date.parse(known.updated_at));
  return nowMs - lastMs > GONE_AFTER_MS;
}
