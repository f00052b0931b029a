/**
 * Owns publishing together what is asked for in one turn of the event loop: many callers cost one frame, one check and one
 * sync. Each gets its own results, and an event that the bridge does not take is its publisher's affair alone.
 */
import type { EventInput } from "../events/event.ts";
import { ProblemError } from "../protocol/problem.ts";
import type { PublishResult } from "../protocol/publish.ts";
import { type EventTexts, fitTogether, publishBatches } from "./publishBatches.ts";

/** The bridge is to begin with the first of many while the client still makes the rest. */
const FRAME_CALLS = 32;

/** Sends a frame's events, each as JSON, and resolves with a result for each. */
export type SendEvents = (events: readonly string[]) => Promise<readonly PublishResult[]>;

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
  readonly #send: SendEvents;
  readonly #oneAtATime: boolean;
  #isSending = false;
  #waiting: Publish[] = [];

  constructor(send: SendEvents, { oneAtATime = false }: PublishQueueOptions = {}) {
    this.#send = send;
    this.#oneAtATime = oneAtATime;
  }

  /** Resolves with a result for each event. @throws what `send` throws. */
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
    let results: readonly PublishResult[];
    try {
      results = await this.#send(frame.flatMap(({ events }) => events));
    } catch (error) {
      await this.#fail(frame, error);
      return;
    }
    let start = 0;
    for (const { events, resolve } of frame) {
      resolve(results.slice(start, start + events.length));
      start += events.length;
    }
  }

  /** What is wrong with one event kept the whole frame from being taken: each publish is sent again by itself. */
  async #fail(frame: readonly Publish[], error: unknown): Promise<void> {
    const isRefused = error instanceof ProblemError && error.document.status < 500;
    for (const publish of frame) {
      if (!isRefused || frame.length === 1) publish.reject(error);
      else if (this.#oneAtATime) await this.#publish([publish]);
      else void this.#publish([publish]);
    }
  }
}
