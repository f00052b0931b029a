/**
 * Composes the Telegram side: one poller, one outbox, and what they serve. It never fails for the network: being offline is
 * a state, and everything else goes on.
 */
import type { TelegramHealth } from "../../shared/protocol/health.ts";
import type { Changes } from "../../shared/state/draft.ts";
import type { State } from "../../shared/state/state.ts";
import type { Approvals } from "../approvals/approvals.ts";
import type { EventBus } from "../bus/eventBus.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { Route } from "../http/route.ts";
import type { LogStore } from "../logs/logStore.ts";
import type { ConnectionStatus } from "./api/connectionStatus.ts";
import type { IncomingUpdate } from "./api/incomingUpdate.ts";
import { TelegrafPort } from "./api/telegrafPort.ts";
import { UpdatePoller } from "./api/updatePoller.ts";
import { ApprovalCards } from "./approvals/approvalCards.ts";
import { BOT_COMMANDS, parseCommand } from "./commands/botCommands.ts";
import { CommandHandler } from "./commands/commandHandler.ts";
import { Notifier } from "./notify/notifier.ts";
import { Outbox } from "./outbox/outbox.ts";
import { Pairing } from "./registry/pairing.ts";
import { Registry } from "./registry/registry.ts";
import { telegramRoutes } from "./telegramRoutes.ts";

export interface TelegramServiceOptions {
  readonly token: string;
  /** A Bot API server other than Telegram's own. */
  readonly apiRoot?: string;
  /** Where pairings are kept. */
  readonly file: string;
  readonly bus: Pick<EventBus, "subscribe" | "status">;
  readonly projection: {
    readonly state: State;
    onDidChange(listener: (state: State, changes: Changes) => void): Disposable;
  };
  readonly approvals: Pick<Approvals, "decide">;
  readonly logs: Pick<LogStore, "follow">;
  readonly log: Logger;
  readonly nowMs?: () => number;
  readonly batchIntervalMs?: number;
}

export class TelegramService {
  readonly #options: TelegramServiceOptions;
  readonly #port: TelegrafPort;
  readonly #poller: UpdatePoller;
  readonly #outbox: Outbox;
  readonly #registry: Registry;
  readonly #pairing: Pairing;
  readonly #cards: ApprovalCards;
  readonly #notifier: Notifier;
  readonly #commands: CommandHandler;
  readonly #subscriptions: Disposable[] = [];
  readonly #stopping = new AbortController();

  constructor(options: TelegramServiceOptions) {
    const { token, apiRoot, file, log, approvals, logs, projection, nowMs = Date.now } = options;
    this.#options = options;
    this.#port = new TelegrafPort({ token, apiRoot });
    this.#outbox = new Outbox({ port: this.#port });
    this.#registry = new Registry(file, log);
    this.#pairing = new Pairing(nowMs);
    const state = () => projection.state;
    const shared = { outbox: this.#outbox, registry: this.#registry, log, state, nowMs };
    this.#cards = new ApprovalCards({ ...shared, approvals });
    this.#notifier = new Notifier({
      ...shared,
      ...(options.batchIntervalMs === undefined ? {} : { batchIntervalMs: options.batchIntervalMs }),
    });
    this.#commands = new CommandHandler({
      ...shared,
      logs,
      pairing: this.#pairing,
      warnings: () => (options.bus.status().state === "away" ? ["Redis is away: approvals cannot be decided now"] : []),
      onPaired: () => this.#cards.reconcile(),
    });
    this.#poller = new UpdatePoller({
      port: this.#port,
      logger: log,
      handle: (update, signal) => this.#handle(update, signal),
    });
  }

  /** To be called once the projection is current. Resolves when the pairings are read; Telegram is reached in its own time. */
  async start(): Promise<void> {
    const { bus, projection, log } = this.#options;
    await this.#registry.load();
    this.#subscriptions.push(
      bus.subscribe("*", (batch) => this.#notifier.take(batch)),
      projection.onDidChange((state, changes) => this.#cards.apply(state, changes)),
      this.#outbox.onDidLoseChat(({ chatId, error }) => {
        log.warn("A Telegram chat cannot be reached any more and was unpaired", { chatId, error });
        this.#inBackground(this.#registry.removeChat(chatId));
      }),
      this.#outbox.onDidMigrateChat(({ fromChatId, toChatId }) => this.#migrate(fromChatId, toChatId)),
    );
    this.#cards.reconcile();
    this.#poller.start();
    this.#inBackground(this.#announceCommands());
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    this.#commands.stop();
    this.#notifier.stop();
    await this.#poller.stop();
    await this.#outbox.stop();
    await this.#cards.stop();
    await this.#registry.saved();
  }

  status(): TelegramHealth {
    return {
      ...healthOf(this.#poller.status),
      paired_chats: this.#registry.chats.length,
      queued_messages: this.#outbox.status.queued,
    };
  }

  /** Pairing over HTTP, for `televibe telegram`. */
  routes(): readonly Route[] {
    return telegramRoutes({
      registry: this.#registry,
      pairing: this.#pairing,
      outbox: this.#outbox,
      status: () => this.status(),
      botName: () => this.#poller.bot?.username,
    });
  }

  async #handle(update: IncomingUpdate, signal: AbortSignal): Promise<void> {
    switch (update.kind) {
      case "callbackQuery":
        return this.#cards.press(update.query);
      case "message": {
        const { message } = update;
        if (message.migrate_to_chat_id !== undefined) {
          this.#outbox.migrateChat(message.chat.id, message.migrate_to_chat_id);
          return this.#migrate(message.chat.id, message.migrate_to_chat_id);
        }
        const command = parseCommand(message.text, this.#poller.bot?.username);
        return command === undefined ? undefined : this.#commands.handle(command, message, signal);
      }
      case "membership": {
        const { status } = update.change.new_chat_member;
        if (status !== "kicked" && status !== "left") return;
        this.#outbox.forgetChat(update.change.chat.id);
        await this.#registry.removeChat(update.change.chat.id);
        return;
      }
      case "unknown":
        this.#options.log.debug("An update of Telegram was passed over", { why: update.why });
    }
  }

  /** The old messages cannot be edited under the new id: what waits is asked again there. */
  #migrate(fromChatId: number, toChatId: number): void {
    this.#inBackground(this.#registry.migrateChat(fromChatId, toChatId).then(() => this.#cards.reconcile()));
  }

  async #announceCommands(): Promise<void> {
    if (this.#poller.status.state !== "connected") await this.#connected();
    await this.#port.call("setMyCommands", { commands: BOT_COMMANDS }, this.#stopping.signal);
  }

  #connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      const subscription = this.#poller.onDidChangeStatus(({ state }) => {
        if (state === "connected") resolve();
        else if (state === "stopped") reject(new Error("Stopped before Telegram was reached"));
        else return;
        subscription[Symbol.dispose]();
      });
    });
  }

  #inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) this.#options.log.warn("Something for Telegram failed", { error });
    });
  }
}

function healthOf(status: ConnectionStatus): Pick<TelegramHealth, "state" | "detail"> {
  switch (status.state) {
    case "connected":
      return { state: "connected", detail: null };
    case "away":
      if (status.why === "conflict" || status.why === "unauthorized")
        return { state: status.why, detail: status.message };
      return { state: "away", detail: status.message };
    case "connecting":
    case "stopped":
      return { state: "away", detail: status.state };
  }
}
