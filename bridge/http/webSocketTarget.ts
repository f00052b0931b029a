/** Owns one WebSocket as something to write to. */
import type { WebSocket } from "ws";
import { CLOSE_SLOW_READER, CLOSE_STOPPING } from "../../shared/protocol/webSocketMessage.ts";
import type { CutReason, OutletTarget } from "../stream/outlet.ts";

/** A reader that is behind will not get to the close frame behind all the rest, but it may try for as long as this. */
const CLOSE_TIMEOUT_MS = 500;

export class WebSocketTarget implements OutletTarget {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  write(buffer: Buffer, onFlushed: (() => void) | undefined): void {
    // An error here is the connection's end, which its `close` event tells.
    this.#socket.send(buffer, { binary: false }, () => onFlushed?.());
  }

  bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  end(): void {
    this.#closeThenTerminate(CLOSE_STOPPING, "the bridge is stopping");
  }

  cut(reason: CutReason): void {
    this.#closeThenTerminate(CLOSE_SLOW_READER, reason);
  }

  #closeThenTerminate(code: number, reason: string): void {
    this.#socket.close(code, reason);
    const timer = setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS);
    this.#socket.once("close", () => clearTimeout(timer));
  }
}
