/**
 * Owns the outbox's queues and the loop that works them off: it asks the pure parts what goes next and what follows from a
 * failure, makes the calls, and keeps the promises of those who wait.
 */
import { type Clock, systemClock } from "../api/clock.ts";
import { Listeners } from "../api/listeners.ts";
import { TelegramApiError } from "../api/telegramApiError.ts";
import type { TelegramPort } from "../api/telegramPort.ts";
import { ChatBox } from "./chatBox.ts";
import { type Enqueued, enqueue, isDispensable, putBack, stale } from "./chatQueue.ts";
import { afterFailure, type CoolOff } from "./failurePolicy.ts";
import { MessageFaces } from "./messageFaces.ts";
import { OutboxError } from "./outboxError.ts";
import type { OutboxAction, OutboxItem } from "./outboxItem.ts";
import { perform } from "./perform.ts";
import type { Priority } from "./priority.ts";
import { cautious, ownLimits, pruned, type RateLimits, type Stamps, TELEGRAM_RATE_LIMITS } from "./rateBudget.ts";
import { type Outcome, Receipts } from "./receipts.ts";
import { nextStep } from "./schedule.ts";

export interface OutboxOptions {
  readonly port: TelegramPort;
  readonly clock?: Clock;
  readonly limits?: RateLimits;
  /** From 0 to 1; for the jitter. */
  readonly random?: () => number;
}

export interface OutboxStatus {
  readonly queued: number;
  readonly inFlight: number;
  /** Chats that Telegram asked to be quiet; the time is milliseconds since the epoch. */
  readonly coolingOff: readonly { readonly chatId: number; readonly untilMs: number }[];
  /** How many messages were given up since the start: too many, too old, or too cosmetic. */
  readonly dropped: Readonly<Record<Priority, number>>;
  /** How often Telegram answered 429. */
  readonly rateLimited: number;
}

export class DeliveryQueue {
  /** Telegram will not deliver to a chat any more. */
  readonly lostChat = new Listeners<{ chatId: number; error: TelegramApiError }>();
  readonly migratedChat = new Listeners<{ fromChatId: number; toChatId: number }>();
  /** Telegram answered 429. */
  readonly cooledOff = new Listeners<{ chatId: number; retryAfterMs: number }>();
  readonly #port: TelegramPort;
  readonly #clock: Clock;
  readonly #limits: RateLimits;
  readonly #random: () => number;
  readonly #chats = new Map<number, ChatBox>();
  readonly #newAddresses = new Map<number, number>();
  readonly #receipts = new Receipts();
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #faces = new MessageFaces();
  readonly #stopping = new AbortController();
  #running = 0;
  #stamps: Stamps = [];
  #rateLimited = 0;
  #nextId = 1;
  #wake: AbortController | undefined;
  #stopped = false;

  constructor({ port, clock = systemClock, limits = TELEGRAM_RATE_LIMITS, random = Math.random }: OutboxOptions) {
    this.#port = port;
    this.#clock = clock;
    this.#limits = limits;
    this.#random = random;
  }

  /** Aborts when calls under way are broken off. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  get status(): OutboxStatus {
    const nowMs = this.#clock.nowMs();
    const dateMs = this.#clock.dateMs();
    const chats = [...this.#chats.values()];
    return {
      queued: chats.reduce((sum, chat) => sum + chat.queue.length, 0),
      inFlight: this.#inFlight.size,
      coolingOff: chats
        .filter((chat) => chat.isCoolingOff(nowMs))
        .map(({ chatId, quietUntilMs }) => ({ chatId, untilMs: Math.round(dateMs + quietUntilMs - nowMs) })),
      dropped: this.#receipts.dropped,
      rateLimited: this.#rateLimited,
    };
  }

  /** Takes one action. @throws TelegramApiError what Telegram refused for good; OutboxError what was given up. */
  add(chatId: number, priority: Priority, action: OutboxAction): Promise<Outcome> {
    const id = this.#nextId++;
    const nowMs = this.#clock.nowMs();
    const times = { queuedAtMs: nowMs, notBeforeMs: nowMs, attempts: 0 };
    const item: OutboxItem = { id, order: id, chatId, priority, action, ...times };
    const outcome = this.#receipts.open(item);
    if (this.#stopped) this.#receipts.failed(item, new OutboxError("stopped"));
    else this.#place(item);
    this.#pump();
    return outcome;
  }

  migrateChat(fromChatId: number, toChatId: number): void {
    this.#readdress(fromChatId, toChatId);
    this.#pump();
  }

  forgetChat(chatId: number): void {
    const chat = this.#chats.get(this.#newAddresses.get(chatId) ?? chatId);
    if (chat !== undefined) this.#rejectAll(chat, new OutboxError("forgotten"));
  }

  async stop(patienceMs: number): Promise<void> {
    this.#stopped = true;
    this.#wake?.abort();
    for (const chat of this.#chats.values()) this.#rejectAll(chat, new OutboxError("stopped"));
    const done = new AbortController();
    const patience = this.#clock.wait(patienceMs, done.signal).then(() => this.#stopping.abort());
    await Promise.allSettled(this.#inFlight);
    done.abort();
    await patience;
  }

  #place(item: OutboxItem): void {
    const chat = this.#chatOf(item);
    if (chat.isLongCoolOff(this.#clock.nowMs()) && isDispensable(item)) {
      this.#receipts.drop(item, "coolingOff");
      return;
    }
    this.#changed(chat, enqueue(chat.queue, { ...item, chatId: chat.chatId }));
  }

  #changed(chat: ChatBox, { queue, superseded, overflowed }: Enqueued): void {
    chat.queue = queue;
    for (const older of superseded) this.#receipts.needless(older, "superseded");
    for (const older of overflowed) this.#receipts.drop(older, "queueFull");
  }

  #pump(): void {
    this.#wake?.abort();
    while (!this.#stopped) {
      const nowMs = this.#clock.nowMs();
      this.#dropStale(nowMs);
      const state = { chats: this.#chats.values(), stamps: this.#stamps, inFlight: this.#running };
      const step = nextStep(state, this.#limits, nowMs);
      if (step.kind === "idle") return;
      if (step.kind === "wait") {
        this.#wakeIn(step.untilMs - nowMs);
        return;
      }
      this.#begin(step.item);
    }
  }

  #wakeIn(ms: number): void {
    const wake = new AbortController();
    this.#wake = wake;
    void this.#clock.wait(ms, wake.signal).then(() => {
      if (!wake.signal.aborted) this.#pump();
    });
  }

  #begin(item: OutboxItem): void {
    const chat = this.#chatOf(item);
    chat.queue = chat.queue.filter((other) => other !== item);
    if (this.#faces.alreadyShows(item)) this.#receipts.needless(item, "unchanged");
    else void this.track(this.#run(chat, item));
  }

  async #run(chat: ChatBox, item: OutboxItem): Promise<void> {
    chat.busy = true;
    this.#running += 1;
    let failure: TelegramApiError | undefined;
    try {
      const messageId = await perform(this.#port, item, this.#stopping.signal);
      chat.failures = 0;
      this.#faces.applied(item, messageId);
      this.#receipts.applied(item, messageId);
    } catch (error) {
      failure = error instanceof TelegramApiError ? error : unexpected(error);
    } finally {
      const nowMs = this.#clock.nowMs();
      chat.busy = false;
      chat.stamps = [...pruned(chat.stamps, cautious(ownLimits(chat.chatId, this.#limits)), nowMs), nowMs];
      this.#stamps = [...pruned(this.#stamps, this.#limits.overall, nowMs), nowMs];
      this.#running -= 1;
    }
    if (failure !== undefined) this.#failed(chat, item, failure);
    this.#pump();
  }

  #failed(chat: ChatBox, item: OutboxItem, error: TelegramApiError): void {
    const nowMs = this.#clock.nowMs();
    const verdict = afterFailure(item, error.failure, { nowMs, chatFailures: chat.failures, random: this.#random() });
    if (verdict.kind !== "unchanged") this.#faces.forget(item);
    switch (verdict.kind) {
      case "unchanged":
        this.#receipts.needless(item, "unchanged");
        break;
      case "migrate":
        this.#readdress(item.chatId, verdict.toChatId);
        this.#retry(item);
        break;
      case "chatLost":
        this.#rejectAll(chat, error);
        this.#receipts.failed(item, error);
        this.lostChat.fire({ chatId: item.chatId, error });
        break;
      case "giveUp":
        if (verdict.coolOff !== undefined) this.#coolOff(chat, verdict.coolOff, nowMs);
        if (verdict.coolOff !== undefined) this.#receipts.drop(item, "coolingOff");
        else this.#receipts.failed(item, error);
        break;
      case "retry":
        chat.quietUntilMs = verdict.quietUntilMs;
        if (verdict.coolOff !== undefined) this.#coolOff(chat, verdict.coolOff, nowMs);
        else chat.failures += 1;
        this.#retry(verdict.item);
        break;
    }
  }

  #readdress(fromChatId: number, toChatId: number): void {
    if (fromChatId === toChatId || this.#newAddresses.get(fromChatId) === toChatId) return;
    this.#newAddresses.set(fromChatId, toChatId);
    const queue = this.#chats.get(fromChatId)?.queue ?? [];
    this.#chats.delete(fromChatId);
    for (const item of queue) this.#place(item);
    this.migratedChat.fire({ fromChatId, toChatId });
  }

  #retry(item: OutboxItem): void {
    if (this.#stopped) {
      this.#receipts.failed(item, new OutboxError("stopped"));
      return;
    }
    const chat = this.#chatOf(item);
    this.#changed(chat, putBack(chat.queue, { ...item, chatId: chat.chatId }));
  }

  #coolOff(chat: ChatBox, coolOff: CoolOff, nowMs: number): void {
    this.#rateLimited += 1;
    chat.coolOff(coolOff, this.#limits.cautionMs);
    if (coolOff.long) {
      const given = chat.queue.filter(isDispensable);
      chat.queue = chat.queue.filter((item) => !given.includes(item));
      for (const item of given) this.#receipts.drop(item, "coolingOff");
    }
    this.cooledOff.fire({ chatId: chat.chatId, retryAfterMs: coolOff.untilMs - nowMs });
  }

  #dropStale(nowMs: number): void {
    for (const chat of this.#chats.values()) {
      const old = stale(chat.queue, nowMs);
      if (old.length === 0) continue;
      chat.queue = chat.queue.filter((item) => !old.includes(item));
      for (const item of old) this.#receipts.drop(item, "stale");
    }
  }

  /** The chat may have moved since the item was made, also while its call was under way. */
  #chatOf({ chatId }: OutboxItem): ChatBox {
    const address = this.#newAddresses.get(chatId) ?? chatId;
    const known = this.#chats.get(address);
    if (known !== undefined) return known;
    const chat = new ChatBox(address);
    this.#chats.set(address, chat);
    return chat;
  }

  /** Lets `stop` wait for a call. */
  async track<T>(work: Promise<T>): Promise<T> {
    this.#inFlight.add(work);
    try {
      return await work;
    } finally {
      this.#inFlight.delete(work);
    }
  }

  #rejectAll(chat: ChatBox, error: Error): void {
    for (const item of chat.queue) this.#receipts.failed(item, error);
    chat.queue = [];
  }
}

function unexpected(error: unknown): TelegramApiError {
  return new TelegramApiError("call", { code: "badRequest" }, error instanceof Error ? error.name : "unknown error");
}
