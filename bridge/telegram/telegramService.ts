/** Composes Telegram's part: makes its parts, hands each what it needs, and leads every update to the one that it is for. */
import type { TelegramHealth } from "../../shared/protocol/health.ts";
import type { EventBus } from "../bus/eventBus.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { Route } from "../http/route.ts";
import type { ApprovalService } from "../http/services.ts";
import type { LogStore } from "../logs/logStore.ts";
import { type Clock, systemClock } from "./api/clock.ts";
import type { IncomingUpdate } from "./api/incomingUpdate.ts";
import { TelegrafPort } from "./api/telegrafPort.ts";
import { UpdatePoller } from "./api/updatePoller.ts";
import { ApprovalCards, type StateFeed } from "./approvals/approvalCards.ts";
import { ApprovalPress } from "./approvals/approvalPress.ts";
import { CardBook } from "./approvals/cardBook.ts";
import { CardFaces } from "./approvals/cardFaces.ts";
import { ChatRegistry } from "./chats/chatRegistry.ts";
import { Membership } from "./chats/membership.ts";
import { BotProfile } from "./commands/botProfile.ts";
import { chatCommands } from "./commands/chatCommands.ts";
import { CommandRouter } from "./commands/commandRouter.ts";
import { connectionHealth } from "./health.ts";
import { Notifier } from "./notify/notifier.ts";
import { Outbox } from "./outbox/outbox.ts";
import type { RateLimits } from "./outbox/rateBudget.ts";
import { Pairing } from "./pairing/pairing.ts";
import { PairingCodes } from "./pairing/pairingCodes.ts";
import { TelegramFile } from "./record/telegramFile.ts";
import { chatSummary, type PairingInvitation, type TelegramOverview, telegramRoutes } from "./routes.ts";
import { Tails } from "./tail/tails.ts";

export interface TelegramServiceOptions {
  /** The bot's, from @BotFather. */
  readonly token: string;
  /** Where the Bot API is; another than Telegram's own for a server of one's own. */
  readonly apiRoot?: string;
  /** `telegram.json`. */
  readonly file: string;
  readonly bus: Pick<EventBus, "subscribe" | "status">;
  readonly projection: StateFeed;
  readonly approvals: Pick<ApprovalService, "list" | "get" | "decide">;
  readonly logs: Pick<LogStore, "follow">;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly newCode?: () => string;
  readonly limits?: RateLimits;
}

/** How long an invitation waits for the bot's name, without which there is no link. */
const BOT_NAME_PATIENCE_MS = 3_000;

export class TelegramService {
  readonly #log: Logger;
  readonly #file: TelegramFile;
  readonly #botId: number;
  readonly #registry: ChatRegistry;
  readonly #codes: PairingCodes;
  readonly #outbox: Outbox;
  readonly #poller: UpdatePoller;
  readonly #cards: ApprovalCards;
  readonly #press: ApprovalPress;
  readonly #notifier: Notifier;
  readonly #tails: Tails;
  readonly #router: CommandRouter;
  readonly #membership: Membership;
  readonly #profile: BotProfile;
  #started: Promise<void> = Promise.resolve();

  constructor(options: TelegramServiceOptions) {
    const { token, apiRoot, bus, projection, approvals, logs, log, clock = systemClock, newCode, limits } = options;
    const port = new TelegrafPort({ token, apiRoot });
    this.#log = log;
    this.#botId = Number(token.split(":")[0]);
    const file = new TelegramFile({ file: options.file, log });
    this.#file = file;
    const registry = new ChatRegistry(file, clock);
    this.#registry = registry;
    this.#codes = new PairingCodes(file, clock, newCode);
    const outbox = new Outbox({ port, clock, ...(limits === undefined ? {} : { limits }) });
    this.#outbox = outbox;
    const book = new CardBook(file, clock);
    const faces = new CardFaces({ book, approvals, outbox, clock, log });
    const cards = new ApprovalCards({ book, faces, registry, approvals, projection, outbox, clock, log });
    this.#cards = cards;
    this.#press = new ApprovalPress({ book, cards, faces, registry, approvals, outbox, log });
    this.#notifier = new Notifier({ bus, registry, outbox, clock, log });
    this.#tails = new Tails({ logs, outbox, clock, log });
    const reconcile = () => cards.reconcile();
    const commands = chatCommands({
      registry,
      approvals,
      cards,
      projection,
      tails: this.#tails,
      warnings: () => (bus.status().state === "away" ? ["Redis is away: approvals cannot be decided now."] : []),
      clock,
      unpair: (chatId) => this.#unpair(chatId),
      reconcile,
    });
    this.#poller = new UpdatePoller({ port, handle: (update) => this.#handle(update), logger: log, clock });
    this.#profile = new BotProfile({ port, poller: this.#poller, commands, log });
    this.#router = new CommandRouter({
      commands,
      pairing: new Pairing({ codes: this.#codes, registry, clock, log }),
      registry,
      outbox,
      botName: () => this.#poller.bot?.username,
      onDidPair: reconcile,
      log,
    });
    this.#membership = new Membership({ registry, outbox, onDidReturn: reconcile, log });
  }

  /**
   * Begins, once the projection is current. Resolves when it is known who is paired; Telegram is reached in its own time. It
   * cannot fail: being without a network is a status.
   */
  start(): Promise<void> {
    this.#started = this.#start().catch((error: unknown) => {
      this.#log.error("Telegram could not be started; everything else goes on without it", { error });
    });
    return this.#started;
  }

  /** Takes nothing more, gives up what waits, and waits for what is under way. What was cut off of approvals is sent at the next start. */
  async stop(): Promise<void> {
    await this.#started;
    this.#profile.stop();
    await this.#poller.stop();
    await Promise.all([this.#outbox.stop(), this.#cards.stop(), this.#notifier.stop(), this.#tails.stop()]);
    this.#membership.stop();
    await this.#file.settled();
  }

  status(): TelegramHealth {
    return {
      ...connectionHealth(this.#poller.status),
      paired_chats: this.#registry.chats.filter(({ lost }) => lost === null).length,
      queued_messages: this.#outbox.status.queued,
    };
  }

  routes(): readonly Route[] {
    return telegramRoutes({
      overview: () => this.#overview(),
      invite: (signal) => this.#invite(signal),
      unpair: (chatId) => this.#unpair(chatId),
    });
  }

  async #start(): Promise<void> {
    await this.#file.load();
    await this.#forgetOtherBot();
    this.#notifier.start();
    this.#membership.start();
    this.#cards.start();
    this.#profile.start();
    this.#poller.start();
  }

  /** With another token it is another bot: it knows nothing of the messages that the last one sent. */
  async #forgetOtherBot(): Promise<void> {
    const bot_id = Number.isSafeInteger(this.#botId) ? this.#botId : null;
    await this.#file.update((record) => (record.bot_id === bot_id ? record : { ...record, bot_id, cards: [] }));
  }

  async #handle(update: IncomingUpdate): Promise<void> {
    switch (update.kind) {
      case "message": {
        const { message } = update;
        if (message.migrate_to_chat_id !== undefined) {
          this.#outbox.migrateChat(message.chat.id, message.migrate_to_chat_id);
          return;
        }
        await this.#membership.heard(message.chat.id);
        return this.#router.handle(message);
      }
      case "callbackQuery":
        return this.#press.handle(update.query);
      case "membership":
        return this.#membership.changed(update.change);
      case "unknown":
        return;
    }
  }

  async #overview(): Promise<TelegramOverview> {
    await this.#started;
    const bot = this.#poller.bot?.username;
    const chats = this.#registry.chats.map(chatSummary);
    return { ...this.status(), bot: bot === undefined || bot === "" ? null : bot, chats };
  }

  async #invite(signal: AbortSignal): Promise<PairingInvitation> {
    await this.#started;
    const bot = await this.#profile.name(BOT_NAME_PATIENCE_MS, signal);
    const { code, expires_at } = await this.#codes.issue();
    return { code, expires_at, link: bot === undefined ? null : `https://t.me/${bot}?start=${code}` };
  }

  async #unpair(chatId: number): Promise<boolean> {
    await this.#started;
    const chat = this.#registry.chat(chatId);
    if (chat === undefined) return false;
    this.#tails.end(chat.id);
    this.#outbox.forgetChat(chat.id);
    return this.#registry.unpair(chat.id);
  }
}
