/**
 * Owns publishing over HTTP with many events in flight, for programs without a WebSocket: what is published in one turn, or
 * while a request is on its way, travels in one request. Requests follow each other, so that events keep their order.
 */
import type { EventInput } from "../events/event.ts";
import { ProblemError } from "../protocol/problem.ts";
import type { PublishResult } from "../protocol/publish.ts";
import { BridgeClient } from "./bridgeClient.ts";
import { KeptConnection } from "./keptConnection.ts";
import type { BridgeAddress } from "./openConnection.ts";
import { type CallOutcome, callOutcomes, PublishQueue } from "./publishQueue.ts";

export class HttpPublisher implements Disposable {
  readonly #connection: KeptConnection;
  readonly #client: BridgeClient;
  readonly #queue: PublishQueue;

  constructor(address: BridgeAddress) {
    this.#connection = new KeptConnection(address);
    this.#client = new BridgeClient(address, this.#connection);
    this.#queue = new PublishQueue((calls) => this.#send(calls), { oneAtATime: true });
  }

  /**
   * Publishes events in order; a refused one has its problem in its result.
   *
   * @throws ProblemError when one does not fit its schema: then none of this call's events was published.
   * @throws BridgeUnreachableError when there was no answer: send again, with the same `event_id`s.
   */
  async publish(events: readonly EventInput[]): Promise<readonly PublishResult[]> {
    return this.#queue.add(events);
  }

  /** Closes the connection; what is on its way fails. */
  [Symbol.dispose](): void {
    this.#connection.destroy();
  }

  async #send(calls: readonly (readonly string[])[]): Promise<readonly CallOutcome[]> {
    try {
      return callOutcomes(calls, await this.#client.publishBatch(calls.flat()));
    } catch (error) {
      if (calls.length === 1 || !isRefused(error)) throw error;
      return this.#sendEach(calls);
    }
  }

  /** What is wrong with one call kept all of them from being taken: each goes by itself, behind the one before it. */
  async #sendEach(calls: readonly (readonly string[])[]): Promise<readonly CallOutcome[]> {
    const outcomes: CallOutcome[] = [];
    let failure: Error | undefined;
    for (const call of calls) {
      // What could not be asked of the bridge is sent again by its publisher: nothing of this frame is to be there before it.
      const outcome: CallOutcome = failure ?? (await this.#client.publishBatch(call).catch(asError));
      if (outcome instanceof Error && !isRefused(outcome)) failure = outcome;
      outcomes.push(outcome);
    }
    return outcomes;
  }
}

/** Not taken for what is in it, rather than for how the bridge is. */
function isRefused(error: unknown): boolean {
  return error instanceof ProblemError && error.document.status < 500;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
