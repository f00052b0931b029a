/** Owns the end of rules that were made for one session: they go when it closes. */
import type { EventBus } from "../bus/eventBus.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { RulesFile } from "./rulesFile.ts";

export interface SessionRulesOptions {
  readonly bus: Pick<EventBus, "subscribe">;
  readonly file: Pick<RulesFile, "removeSession">;
  readonly log: Logger;
}

export class SessionRules {
  readonly #options: SessionRulesOptions;
  #subscription: Disposable | undefined;
  #removing: Promise<void> = Promise.resolve();

  constructor(options: SessionRulesOptions) {
    this.#options = options;
  }

  start(): void {
    this.#subscription = this.#options.bus.subscribe("session.closed", (batch) => {
      for (const { session_id } of batch) if (session_id !== null) this.#remove(session_id);
    });
  }

  async stop(): Promise<void> {
    this.#subscription?.[Symbol.dispose]();
    await this.#removing;
  }

  #remove(session: string): void {
    const removing = this.#options.file.removeSession(session).catch((error: unknown) => {
      this.#options.log.warn("The rules of a session that has closed could not be removed", { session, error });
    });
    this.#removing = Promise.all([this.#removing, removing]).then(() => undefined);
  }
}
