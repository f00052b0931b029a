/** Owns the updates that wait for the bot, and the one long poll that reads them. */
import { conflict } from "./refusal.ts";

export interface FakeUpdate {
  readonly update_id: number;
  readonly [kind: string]: unknown;
}

export interface PollRequest {
  readonly offset: number | undefined;
  readonly limit: number;
  readonly timeoutS: number;
  readonly allowed: readonly string[] | undefined;
}

interface OpenPoll {
  readonly end: () => void;
  readonly terminate: () => void;
}

export class UpdateQueue {
  #updates: FakeUpdate[] = [];
  #nextId = 1000;
  #open: OpenPoll | undefined;
  // As Telegram does, kept from the last poll that named kinds.
  #allowed: readonly string[] | undefined;
  readonly #onDidOpenPoll: () => void;

  constructor(onDidOpenPoll: () => void) {
    this.#onDidOpenPoll = onDidOpenPoll;
  }

  /** How many updates the bot has not confirmed yet. */
  get unconfirmed(): number {
    return this.#updates.length;
  }

  get isPolled(): boolean {
    return this.#open !== undefined;
  }

  push(kind: string, content: unknown): void {
    if (this.#allowed !== undefined && !this.#allowed.includes(kind)) return;
    this.#updates.push({ update_id: this.#nextId++, [kind]: content });
    this.#open?.end();
  }

  /** An update of any shape, such as a later version of the Bot API may send. */
  pushRaw(update: Readonly<Record<string, unknown>>): void {
    this.#updates.push({ ...update, update_id: this.#nextId++ });
    this.#open?.end();
  }

  /** One poll. A second one ends the first with 409, as Telegram does. */
  async poll(request: PollRequest, closed: AbortSignal): Promise<readonly FakeUpdate[]> {
    const { offset } = request;
    if (offset !== undefined) this.#updates = this.#updates.filter(({ update_id }) => update_id >= offset);
    this.#allowed = request.allowed ?? this.#allowed;
    this.#open?.terminate();
    if (this.#updates.length === 0 && request.timeoutS > 0) await this.#wait(request.timeoutS * 1000, closed);
    return this.#updates.slice(0, request.limit);
  }

  async #wait(ms: number, closed: AbortSignal): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    let poll: OpenPoll | undefined;
    let end: () => void = () => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        end = resolve;
        poll = { end: resolve, terminate: () => reject(conflict()) };
        this.#open = poll;
        timer = setTimeout(resolve, ms);
        closed.addEventListener("abort", end, { once: true });
        this.#onDidOpenPoll();
      });
    } finally {
      clearTimeout(timer);
      closed.removeEventListener("abort", end);
      if (this.#open === poll) this.#open = undefined;
    }
  }
}
