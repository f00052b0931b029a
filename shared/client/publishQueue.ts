/**
 * Owns publishing together what is asked for in one turn of the event loop: many callers cost one frame, one check and one
 * sync. Each gets its own results, and an event that the bridge does not take is its publisher's affair alone.
 */
import type { EventInput } from "../events/event.ts";
import { ProblemError } from "../protocol/problem.ts";
import type { PublishResult } from "../protocol/publish.ts";
import { type EventTexts, fitTogether, publishBatches } from "./publishBatches.ts";

/** Sends a frame's events, each as JSON, and resolves with a result for each. */
export type SendEvents = (events: readonly string[]) => Promise<readonly PublishResult[]>;

/** What of one call travels in one frame. */
interface Publish extends EventTexts {
  readonly resolve: (results: readonly PublishResult[]) => void;
  readonly reject: (error: unknown) => void;
}

export class PublishQueue {
  readonly #send: SendEvents;
  #waiting: Publish[] = [];

  constructor(send: SendEvents) {
    this.#send = send;
  }

  /** Resolves with a result for each event. @throws what `send` throws. */
  async add(events: readonly EventInput[]): Promise<readonly PublishResult[]> {
    const results: PublishResult[] = [];
    for (const batch of publishBatches(events)) results.push(...(await this.#wait(batch)));
    return results;
  }

  /** Sends what waits, so that what is sent next does not overtake it. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const frame of fitTogether(waiting)) this.#publish(frame);
  }

  #wait(batch: EventTexts): Promise<readonly PublishResult[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...batch, resolve, reject });
      // Behind everything that runs in this turn: whoever else was waiting for the same answer goes along.
      if (this.#waiting.length === 1) process.nextTick(() => this.flush());
    });
  }

  #publish(frame: readonly Publish[]): void {
    this.#send(frame.flatMap(({ events }) => events)).then(
      (results) => {
        let start = 0;
        for (const { events, resolve } of frame) {
          resolve(results.slice(start, start + events.length));
          start += events.length;
        }
      },
      (error: unknown) => this.#fail(frame, error),
    );
  }

  /** What is wrong with one event kept the whole frame from being taken: each publish is sent again by itself. */
  #fail(frame: readonly Publish[], error: unknown): void {
    const isRefused = error instanceof ProblemError && error.document.status < 500;
    for (const publish of frame) {
      if (isRefused && frame.length > 1) this.#publish([publish]);
      else publish.reject(error);
    }
  }
}
