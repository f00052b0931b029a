/** Owns `/v1/ws`: the handshake, which connections there are, finding the dead ones, and their end at a stop. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { problem } from "../../shared/protocol/problem.ts";
import { MAX_BODY_BYTES } from "../../shared/protocol/version.ts";
import { QueryParameters } from "./parameters.ts";
import type { Route } from "./route.ts";
import type { Services } from "./services.ts";
import { WebSocketConnection } from "./webSocketConnection.ts";
import { WebSocketTarget } from "./webSocketTarget.ts";

export const WEB_SOCKET_PATH = "/v1/ws";

/** A connection that has not answered one ping when the next is due is dead. */
export const PING_INTERVAL_MS = 30_000;

export class WebSocketEndpoint {
  readonly #services: Services;
  readonly #server = new WebSocketServer({
    noServer: true,
    // Compression takes four times the CPU, for readers on the same machine.
    perMessageDeflate: false,
    maxPayload: MAX_BODY_BYTES,
    clientTracking: false,
  });
  /** Whether each has answered since the last ping. */
  readonly #connections = new Map<WebSocket, { isAlive: boolean; end: () => void }>();
  readonly #pings: NodeJS.Timeout;
  #isStopped = false;

  constructor(services: Services, pingIntervalMs: number = PING_INTERVAL_MS) {
    this.#services = services;
    this.#pings = setInterval(() => this.#ping(), pingIntervalMs);
    this.#pings.unref();
  }

  /** Completes a handshake. @throws ProblemError when it is none. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, query: URLSearchParams): void {
    new QueryParameters(query).allow();
    if (this.#isStopped) throw problem("stopping", "The bridge is stopping; try again in a moment.");
    if (request.headers.upgrade?.toLowerCase() !== "websocket") {
      throw problem("invalid_request", `"${request.headers.upgrade}" is not spoken here, only "websocket".`);
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket));
  }

  /** Closes every connection that is left. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#pings);
    const closed = [...this.#connections].map(
      ([socket, { end }]) =>
        new Promise<void>((resolve) => {
          socket.once("close", () => resolve());
          end();
        }),
    );
    await Promise.all(closed);
    this.#server.close();
  }

  #open(socket: WebSocket): void {
    const outlet = this.#services.streamHub.openOutlet(new WebSocketTarget(socket), "ws");
    const connection = { isAlive: true, end: () => outlet.end() };
    this.#connections.set(socket, connection);
    socket.on("pong", () => {
      connection.isAlive = true;
    });
    socket.on("error", (error) => this.#services.log.debug("A WebSocket broke off", { error }));
    socket.once("close", () => {
      this.#connections.delete(socket);
      outlet.didClose();
    });
    new WebSocketConnection(socket, outlet, this.#services);
  }

  #ping(): void {
    for (const [socket, connection] of this.#connections) {
      if (!connection.isAlive) {
        this.#services.metrics.countDisconnect("ws", "silent");
        socket.terminate();
        continue;
      }
      connection.isAlive = false;
      socket.ping();
    }
  }
}

/** For those who open it as a plain request. */
export function webSocketRoutes(): readonly Route[] {
  return [
    {
      method: "GET",
      path: WEB_SOCKET_PATH,
      handle: () => {
        throw problem("invalid_request", `${WEB_SOCKET_PATH} is a WebSocket: open it with an upgrade (ws://…).`);
      },
    },
  ];
}
