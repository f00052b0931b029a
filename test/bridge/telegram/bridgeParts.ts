/**
 * Owns the world of the Telegram tests: the bridge's real parts on a real disk, and a Telegram that refuses what the real one
 * refuses. Telegram's limits run at a speed that a test can wait for.
 */

import { join } from "node:path";
import { v7 } from "uuid";
import { Approvals } from "../../../bridge/approvals/approvals.ts";
import { ApprovalLedger } from "../../../bridge/approvals/ledger.ts";
import { EmbeddedBus } from "../../../bridge/bus/embeddedBus.ts";
import type { Logger } from "../../../bridge/diagnostics/logger.ts";
import { FileLogStore } from "../../../bridge/logs/fileLogStore.ts";
import { LogEnds } from "../../../bridge/logs/logEnds.ts";
import { Projection } from "../../../bridge/projection/projection.ts";
import type { LocalStore } from "../../../bridge/store/localStore.ts";
import { systemClock } from "../../../bridge/telegram/api/clock.ts";
import { type RateLimits, TELEGRAM_RATE_LIMITS } from "../../../bridge/telegram/outbox/rateBudget.ts";
import type { PairingInvitation, TelegramOverview } from "../../../bridge/telegram/routes.ts";
import { TelegramService } from "../../../bridge/telegram/telegramService.ts";
import type { EventInput } from "../../../shared/events/event.ts";
import { parseEvent } from "../../../shared/events/parse.ts";
import type { DecisionRequest } from "../../../shared/protocol/approval.ts";
import type { FakeChat, FakeMessage } from "../../fakes/telegramServer/chat.ts";
import type { FakeUser } from "../../fakes/telegramServer/fakeUser.ts";
import { TelegramServer } from "../../fakes/telegramServer/telegramServer.ts";

const FAST: RateLimits = {
  ...TELEGRAM_RATE_LIMITS,
  privateChat: [{ max: 30, windowMs: 300 }],
  group: [{ max: 30, windowMs: 300 }],
  cautionMs: 0,
};

/** The specification's two seconds would make slow tests; how long things wait is tested where it is decided. */
const SPEED = 10;
const CLOCK = {
  ...systemClock,
  wait: (ms: number, signal?: AbortSignal) => systemClock.wait(ms / SPEED, signal),
};

export class BridgeParts implements AsyncDisposable {
  readonly server: TelegramServer;
  readonly logged: string[] = [];
  readonly #directory: string;
  readonly #openStore: (directory: string) => Promise<LocalStore>;
  #running: Running | undefined;
  /** Added to the clock that people read. */
  shiftMs = 0;

  private constructor(
    server: TelegramServer,
    directory: string,
    openStore: (directory: string) => Promise<LocalStore>,
  ) {
    this.server = server;
    this.#directory = directory;
    this.#openStore = openStore;
  }

  static async start(stores: {
    readonly newDirectory: () => string;
    readonly start: (directory: string) => Promise<LocalStore>;
  }): Promise<BridgeParts> {
    const parts = new BridgeParts(await TelegramServer.start(), stores.newDirectory(), stores.start);
    await parts.startBridge();
    return parts;
  }

  get telegram(): TelegramService {
    return this.#parts.telegram;
  }

  get approvals(): Approvals {
    return this.#parts.approvals;
  }

  get logs(): FileLogStore {
    return this.#parts.logs;
  }

  get telegramFile(): string {
    return join(this.#directory, "..", `${this.#directory.split("/").at(-1)}-telegram.json`);
  }

  async startBridge(): Promise<void> {
    const log = this.#logger();
    const store = await this.#openStore(this.#directory);
    const ledger = new ApprovalLedger();
    const bus = new EmbeddedBus({
      store,
      admit: ledger.admit,
      onAppendFailed: () => ledger.reset(projection.state),
      log,
    });
    const projection = new Projection({ store, bus, log });
    await projection.start();
    ledger.reset(projection.state);
    await bus.start();
    const approvals = new Approvals({
      bus,
      projection,
      newEventId: v7,
      nowMs: Date.now,
      instanceId: "test",
      // Which rules can be written is tried beside them: here any can.
      rules: { remember: async () => async () => undefined },
      log,
    });
    const logs = new FileLogStore({ directory: `${this.#directory}-logs`, log });
    await logs.start();
    const logEnds = new LogEnds({ bus, projection, logs });
    logEnds.start();
    const telegram = new TelegramService({
      token: this.server.token,
      apiRoot: this.server.apiRoot,
      file: this.telegramFile,
      bus,
      projection,
      approvals,
      logs,
      log,
      limits: FAST,
      clock: { ...CLOCK, dateMs: () => Date.now() + this.shiftMs },
    });
    await telegram.start();
    const stop = async () => {
      await telegram.stop();
      await bus.stop();
      logEnds.stop();
      await projection.stop();
      await logs.stop();
      await store.stop();
    };
    this.#running = { bus, approvals, logs, telegram, stop };
  }

  async stopBridge(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopBridge();
    await this.server.stop();
  }

  /** Publishes as a producer would. */
  async publish(input: Partial<EventInput> & { readonly event_type: string }): Promise<void> {
    const parsed = parseEvent(
      { project_id: "shop", session_id: "feature-x", job_id: "job-1", ...input },
      { newEventId: v7, nowMs: Date.now, source: { component: "test", instance_id: "test" } },
    );
    if (!parsed.ok) throw new Error(`Not an event: ${JSON.stringify(parsed.issues)}`);
    const [result] = await this.#parts.bus.publish([parsed.value]);
    if (result?.problem !== undefined) throw new Error(result.problem.detail);
  }

  /** A job asks; answers the approval's id. */
  async ask(action: string, rest: Partial<EventInput> = {}, data: object = {}): Promise<string> {
    const approval_id = v7();
    await this.publish({
      event_type: "job.approval_needed",
      data: { approval_id, scope: "push", action, ...data },
      ...rest,
    });
    return approval_id;
  }

  async decide(approvalId: string, request: Partial<DecisionRequest> = {}): Promise<void> {
    await this.approvals.decide(approvalId, { decision: "approve", surface: "vscode", ...request });
  }

  /** Calls one of the service's own routes, as the HTTP server would. */
  async request<T>(method: string, path: string, parameters: Record<string, string> = {}): Promise<T> {
    const route = this.telegram.routes().find((one) => one.method === method && one.path === path);
    if (route === undefined) throw new Error(`No route ${method} ${path}`);
    const context = { path: parameters, query: new URLSearchParams(), signal: new AbortController().signal };
    // The routes here touch neither the request nor the response.
    const answer = await route.handle(context as Parameters<typeof route.handle>[0]);
    return JSON.parse(answer?.body ?? "null");
  }

  invite(): Promise<PairingInvitation> {
    return this.request("POST", "/v1/telegram/pair");
  }

  overview(): Promise<TelegramOverview> {
    return this.request("GET", "/v1/telegram");
  }

  /** A person with a paired private chat. */
  async pairedUser(name: string, username?: string): Promise<FakeUser> {
    const user = this.server.user(name, username);
    const { code } = await this.invite();
    user.sends(`/start ${code}`);
    await this.message(user, /Paired\. Hello/);
    return user;
  }

  /** A group that a paired person has linked. */
  async linkedGroup(title: string, by: FakeUser): Promise<FakeChat> {
    const group = this.server.group(title);
    by.sends("/link", group);
    await this.message(group, /is linked/);
    return group;
  }

  /** The first message of the bot that has such a text, as soon as there is one. */
  message(chat: FakeUser | FakeChat, text: RegExp): Promise<FakeMessage> {
    return this.server.waitForMessage(chat.id, (message) => text.test(plain(message.text)));
  }

  /** The message with the buttons that asks for something. */
  card(chat: FakeUser | FakeChat, action: string): Promise<FakeMessage> {
    return this.server.waitForMessage(chat.id, ({ text, keyboard }) => text.includes(action) && keyboard.length > 0);
  }

  /** The same message, once it shows how it was decided. */
  closed(message: FakeMessage, decision: RegExp): Promise<FakeMessage> {
    return this.server.waitForMessage(
      message.chatId,
      ({ messageId, text, keyboard }) =>
        messageId === message.messageId && decision.test(plain(text)) && keyboard.length === 0,
    );
  }

  /** What the bot wrote in a chat, as it shows now. */
  texts(chat: FakeUser | FakeChat): readonly string[] {
    return this.server.fromBot(chat.id).map(({ text }) => plain(text));
  }

  /** Until the outbox and the notifier have nothing left: a marker that goes last has arrived. */
  async settled(chat: FakeUser): Promise<void> {
    const before = this.texts(chat).filter((text) => text.startsWith("You are")).length;
    chat.sends("/whoami");
    await this.server.waitFor(() =>
      this.texts(chat).filter((text) => text.startsWith("You are")).length > before ? true : undefined,
    );
  }

  get #parts(): Running {
    if (this.#running === undefined) throw new Error("The bridge is not running");
    return this.#running;
  }

  #logger(): Logger {
    const note = (level: string) => (message: string, facts?: object) => {
      this.logged.push(`${level} ${message} ${JSON.stringify(facts ?? {})}`);
    };
    return { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") };
  }
}

interface Running {
  readonly bus: EmbeddedBus;
  readonly approvals: Approvals;
  readonly logs: FileLogStore;
  readonly telegram: TelegramService;
  readonly stop: () => Promise<void>;
}

/** Without the marks that keep Telegram from making links of words. */
export function plain(text: string): string {
  return text.replaceAll("\u2060", "");
}
