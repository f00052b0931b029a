/**
 * Owns publishing over HTTP with many events in flight, for programs without a WebSocket: what is published in one turn, or
 * while a request is on its way, travels in one request. Requests follow each other, so that events keep their order.
 */
import type { EventInput } from "../events/event.ts";
import type { PublishResult } from "../protocol/publish.ts";
import { BridgeClient } from "./bridgeClient.ts";
import { KeptConnection } from "./keptConnection.ts";
import type { BridgeAddress } from "./openConnection.ts";
import { PublishQueue } from "./publishQueue.ts";

export class HttpPublisher implements Disposable {
  readonly #connection: KeptConnection;
  readonly #queue: PublishQueue;

  constructor(address: BridgeAddress) {
    this.#connection = new KeptConnection(address);
    const client = new BridgeClient(address, this.#connection);
    this.#queue = new PublishQueue((events) => client.publishBatch(events), { oneAtATime: true });
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
}
