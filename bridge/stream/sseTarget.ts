/** Owns one Server-Sent Events response: its head, and its bytes on the way to the socket. */
import type { ServerResponse } from "node:http";
import type { Writable } from "node:stream";
import { CUT_REASONS, type CutReason, FAREWELL_MS, type OutletTarget } from "./outlet.ts";
import { encodeSseFrame } from "./streamEncoding.ts";

const KEEP_ALIVE_PROBE_MS = 30_000;

export class SseTarget implements OutletTarget {
  readonly #response: ServerResponse;
  readonly #output: Writable;
  readonly #retryMs: number;

  /** Sends the head and, before anything else, how long to wait before reconnecting. */
  constructor(response: ServerResponse, retryMs: number) {
    this.#response = response;
    this.#retryMs = retryMs;
    // Neither chunked nor kept alive: the end of the connection is the end of the stream, and what is written goes to the
    // socket as it is. Chunk frames cost half of the deliveries that a core can make.
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
    response.writeHead(200, {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-store",
      "X-Accel-Buffering": "no",
      "X-Content-Type-Options": "nosniff",
    });
    response.flushHeaders();
    response.socket?.setKeepAlive(true, KEEP_ALIVE_PROBE_MS);
    // Without a socket the response waits behind another on a pipelined connection.
    this.#output = response.socket ?? response;
    this.#output.write(`retry: ${retryMs}\n\n`);
  }

  write(buffer: Buffer, onFlushed: (() => void) | undefined): void {
    if (this.#output.destroyed || this.#output.writableEnded) return;
    this.#output.write(buffer, onFlushed);
  }

  bufferedBytes(): number {
    return this.#output.writableLength;
  }

  end(): void {
    this.#response.end();
  }

  cut(reason: CutReason): void {
    const data = { reason: CUT_REASONS[reason], retry_ms: this.#retryMs };
    this.write(Buffer.from(encodeSseFrame({ event: "stream.closing", json: JSON.stringify(data) })), undefined);
    this.#response.end();
    const timer = setTimeout(() => this.#response.destroy(), FAREWELL_MS);
    this.#response.once("close", () => clearTimeout(timer));
  }

  destroy(): void {
    this.#response.destroy();
  }
}
