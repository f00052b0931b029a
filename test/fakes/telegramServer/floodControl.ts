/** Owns counting what goes to each chat, refusing it while the chat is flooded, and noticing who does not wait. */
import { tooManyRequests } from "./refusal.ts";

/** One call to a chat that costs its budget. */
export interface TrafficEntry {
  readonly method: string;
  readonly atMs: number;
  readonly refused: boolean;
  /** It came although a `retry_after` that the bot had been told was not over. */
  readonly insideWindow: boolean;
}

export interface EnforcedRate {
  readonly max: number;
  readonly windowMs: number;
  readonly retryAfterS: number;
}

interface Flood {
  readonly untilMs: number;
  /** When the bot was first told. */
  readonly toldAtMs: number | undefined;
}

export class FloodControl {
  readonly #traffic = new Map<number, TrafficEntry[]>();
  readonly #floods = new Map<number, Flood>();
  #rate: EnforcedRate | undefined;

  /** From now on, and for so long, every call to the chat is answered 429. */
  flood(chatId: number, seconds: number): void {
    this.#floods.set(chatId, { untilMs: performance.now() + seconds * 1000, toldAtMs: undefined });
  }

  /** Whoever sends more than this to a chat is flooded. */
  enforce(rate: EnforcedRate): void {
    this.#rate = rate;
  }

  traffic(chatId: number): readonly TrafficEntry[] {
    return this.#traffic.get(chatId) ?? [];
  }

  /** The most calls to a chat within any window of that length. */
  busiestWindow(chatId: number, windowMs: number): number {
    const times = this.traffic(chatId).map(({ atMs }) => atMs);
    return times.reduce(
      (most, start) => Math.max(most, times.filter((at) => at >= start && at < start + windowMs).length),
      0,
    );
  }

  /** Counts a call. @throws Refusal 429 while the chat is flooded. */
  count(chatId: number, method: string): void {
    const nowMs = performance.now();
    const entries = this.#traffic.get(chatId) ?? [];
    this.#traffic.set(chatId, entries);
    this.#floodIfTooFast(chatId, entries, nowMs);
    const flood = this.#floods.get(chatId);
    if (flood === undefined || nowMs >= flood.untilMs) {
      entries.push({ method, atMs: nowMs, refused: false, insideWindow: false });
      return;
    }
    entries.push({ method, atMs: nowMs, refused: true, insideWindow: flood.toldAtMs !== undefined });
    this.#floods.set(chatId, { ...flood, toldAtMs: flood.toldAtMs ?? nowMs });
    throw tooManyRequests(Math.ceil((flood.untilMs - nowMs) / 1000));
  }

  #floodIfTooFast(chatId: number, entries: readonly TrafficEntry[], nowMs: number): void {
    if (this.#rate === undefined || this.#floods.has(chatId)) return;
    const { max, windowMs, retryAfterS } = this.#rate;
    if (entries.filter(({ atMs }) => atMs > nowMs - windowMs).length >= max) this.flood(chatId, retryAfterS);
  }
}
