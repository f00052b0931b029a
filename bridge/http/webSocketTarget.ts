/** Owns one WebSocket as something to write to. */
import type { WebSocket } from "ws";
import { CLOSE_SLOW_READER, CLOSE_STOPPING } from "../../shared/protocol/webSocketMessage.ts";
import { CUT_REASONS, type CutReason, FAREWELL_MS, type OutletTarget } from "../stream/outlet.ts";

/** What a reader that keeps up needs to answer a close. */
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
    this.#closeThenTerminate(CLOSE_STOPPING, "the bridge is stopping", CLOSE_TIMEOUT_MS);
  }

  cut(reason: CutReason): void {
    this.#closeThenTerminate(CLOSE_SLOW_READER, CUT_REASONS[reason], FAREWELL_MS);
  }

  destroy(): void {
    this.#socket.terminate();
  }

  #closeThenTerminate(code: number, reason: string, withinMs: number): void {
    this.#socket.close(code, reason);
    const timer = setTimeout(() => this.#socket.terminate(), withinMs);
    this.#socket.once("close", () => clearTimeout(timer));
  }
}
