/** Owns what `when` clauses in the manifest can test: the connection, and what there is. */
import { commands } from "vscode";
import { isBridgeAway } from "./bridge/bridgeAway.ts";
import { CONTEXT_KEYS } from "./contributions.ts";
import { Lifetime } from "./lifecycle.ts";
import type { LiveStore } from "./store/liveStore.ts";
import { activeJobs, pendingApprovals } from "./store/selectors.ts";

export class ContextKeys extends Lifetime {
  readonly #shown = new Map<string, unknown>();

  constructor(store: LiveStore) {
    super();
    const update = () => {
      const { state, status, isLoaded } = store;
      const isConnected = status.state === "connected" && isLoaded;
      this.#set(CONTEXT_KEYS.connection, isConnected ? "connected" : isBridgeAway(status) ? "away" : "connecting");
      this.#set(CONTEXT_KEYS.hasPendingApprovals, pendingApprovals(state).length > 0);
      this.#set(CONTEXT_KEYS.hasJobs, state.jobs.size > 0);
      this.#set(CONTEXT_KEYS.hasActiveJobs, activeJobs(state).length > 0);
      this.#set(CONTEXT_KEYS.hasSessions, state.sessions.size > 0);
    };
    this._register(store.onStatus(update));
    this._register(store.onDidChange(update));
    update();
  }

  /** Each set goes to the window and has it test its clauses again. */
  #set(key: string, value: unknown): void {
    if (this.#shown.get(key) === value) return;
    this.#shown.set(key, value);
    void commands.executeCommand("setContext", key, value);
  }
}
