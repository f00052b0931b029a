/** Owns one connection to the bridge that stays open from one request to the next. */
import { Agent } from "node:http";
import { Duplex } from "node:stream";
import { type BridgeAddress, openConnection } from "./openConnection.ts";

/** Well below the time after which the bridge closes a connection: a request must not meet the closing of its own. */
const IDLE_MS = 30_000;

/** Requests beyond the first wait for it. `destroy` closes the connection. */
export class KeptConnection extends Agent {
  readonly #address: BridgeAddress;

  constructor(address: BridgeAddress) {
    super({ keepAlive: true, maxSockets: 1, timeout: IDLE_MS });
    this.#address = address;
  }

  override createConnection(_options: object, callback?: (error: Error | null, stream: Duplex) => void) {
    openConnection(this.#address).then(
      (socket) => callback?.(null, socket),
      // The types want a stream even where there is none.
      (error: unknown) => callback?.(error instanceof Error ? error : new Error(String(error)), new Duplex()),
    );
    return undefined;
  }
}
