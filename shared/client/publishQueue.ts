/**
 * Owns publishing together what is asked for in one turn of the event loop: many callers cost one frame, one check and one
 * sync. Each gets its own results, and an event that the bridge does not take is its publisher's affair alone.
 */
import type { EventInput } from "../events/event.ts";
import type { PublishResult } from "../protocol/publish.ts";
import { type EventTexts, fitTogether, publishBatches } from "./publishBatches.ts";

/** The bridge is to begin with the first of many while the client still makes the rest. */
const FRAME_CALLS = 32;

/** What the events of one call came to: a result for each, or why none of them was taken. */
export type CallOutcome = readonly PublishResult[] | Error;

/**
 * Sends a frame: the events of several calls, each as JSON. Resolves with what each call came to; rejects where that is the
 * same for all of them. Nothing of a frame may be sent again behind the next one, so that calls keep their order.
 */
export type SendCalls = (calls: readonly (readonly string[])[]) => Promise<readonly CallOutcome[]>;

/** What of one call travels in one frame. */
interface Publish extends EventTexts {
  readonly resolve: (results: readonly PublishResult[]) => void;
  readonly reject: (error: unknown) => void;
}

export interface PublishQueueOptions {
  /**
   * For a way on which one frame may overtake another: each is sent when the one before it was answered. What is asked for
   * meanwhile gathers, and travels together.
   */
  readonly oneAtATime?: boolean;
}

export class PublishQueue {
  readonly #send: SendCalls;
  readonly #oneAtATime: boolean;
  #isSending = false;
  #waiting: Publish[] = [];

  constructor(send: SendCalls, { oneAtATime = false }: PublishQueueOptions = {}) {
    this.#send = send;
    this.#oneAtATime = oneAtATime;
  }

  /** Resolves with a result for each event. @throws what `send` throws, or says of the call. */
  async add(events: readonly EventInput[]): Promise<readonly PublishResult[]> {
    // All of them take their places now: what is published next comes behind the last one.
    const results = await Promise.all(publishBatches(events).map((batch) => this.#wait(batch)));
    return results.flat();
  }

  /** Sends what waits, so that what is sent next does not overtake it. */
  flush(): void {
    if (this.#oneAtATime) void this.#sendInTurn();
    else for (const frame of this.#takeFrames()) void this.#publish(frame);
  }

  #takeFrames(): Publish[][] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return fitTogether(waiting);
  }

  async #sendInTurn(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#waiting.length > 0) {
      for (const frame of this.#takeFrames()) await this.#publish(frame);
      // Whoever waited for these answers may have more to publish by now.
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
    this.#isSending = false;
  }

  #wait(batch: EventTexts): Promise<readonly PublishResult[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...batch, resolve, reject });
      // Behind everything that runs in this turn: whoever else was waiting for the same answer goes along.
      if (this.#waiting.length === 1) process.nextTick(() => this.flush());
      else if (this.#waiting.length === FRAME_CALLS && !this.#oneAtATime) this.flush();
    });
  }

  /** Resolves when each publish of the frame has its answer; never rejects. */
  async #publish(frame: readonly Publish[]): Promise<void> {
    let outcomes: readonly CallOutcome[];
    try {
      outcomes = await this.#send(frame.map(({ events }) => events));
    } catch (error) {
      for (const { reject } of frame) reject(error);
      return;
    }
    for (const [index, { resolve, reject }] of frame.entries()) {
      const outcome = outcomes[index] ?? [];
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    }
  }
}

/** What each call came to, of the results for the events of those that were taken, and of why others were not. */
export function callOutcomes(
  calls: readonly (readonly string[])[],
  results: readonly PublishResult[],
  refused: ReadonlyMap<number, Error> = new Map(),
): readonly CallOutcome[] {
  let start = 0;
  return calls.map(({ length }, index) => {
    const refusal = refused.get(index);
    if (refusal !== undefined) return refusal;
    start += length;
    return results.slice(start - length, start);
  });
}
