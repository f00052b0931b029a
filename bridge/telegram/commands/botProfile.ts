/** Owns what Telegram shows of the bot: the list of its commands; and knows the bot's name once Telegram has told it. */
import type { Logger } from "../../diagnostics/logger.ts";
import type { TelegramPort } from "../api/telegramPort.ts";
import type { UpdatePoller } from "../api/updatePoller.ts";
import type { ChatCommand } from "./commandContext.ts";

export interface BotProfileOptions {
  readonly port: TelegramPort;
  readonly poller: Pick<UpdatePoller, "status" | "bot" | "onDidChangeStatus">;
  readonly commands: readonly ChatCommand[];
  readonly log: Logger;
}

export class BotProfile {
  readonly #options: BotProfileOptions;
  readonly #stopping = new AbortController();
  #subscription: Disposable | undefined;
  #isSet = false;

  constructor(options: BotProfileOptions) {
    this.#options = options;
  }

  /** Sets the commands as soon as Telegram is reached, and tries again the next time when that failed. */
  start(): void {
    this.#subscription = this.#options.poller.onDidChangeStatus(({ state }) => {
      if (state === "connected" && !this.#isSet) void this.#setCommands();
    });
  }

  stop(): void {
    this.#subscription?.[Symbol.dispose]();
    this.#stopping.abort();
  }

  /** The bot's name; waits for it for a while, and answers undefined where it does not come. */
  async name(patienceMs: number, signal: AbortSignal): Promise<string | undefined> {
    const { poller } = this.#options;
    if (poller.bot === undefined) await this.#statusChange(patienceMs, signal);
    const name = poller.bot?.username;
    return name === "" ? undefined : name;
  }

  async #setCommands(): Promise<void> {
    const { port, commands, log } = this.#options;
    try {
      const list = commands.map(({ name, description }) => ({ command: name, description }));
      await port.call("setMyCommands", { commands: list }, this.#stopping.signal);
      this.#isSet = true;
    } catch (error) {
      if (!this.#stopping.signal.aborted) log.warn("Telegram was not told the bot's commands", { error });
    }
  }

  #statusChange(patienceMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        subscription[Symbol.dispose]();
        signal.removeEventListener("abort", end);
        resolve();
      };
      const subscription = this.#options.poller.onDidChangeStatus(end);
      const timer = setTimeout(end, patienceMs);
      signal.addEventListener("abort", end, { once: true });
    });
  }
}
