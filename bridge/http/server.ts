/**
 * Owns the protocol's server: takes requests and upgrades off the listening sockets, passes them by the guard, finds their
 * route and sends what comes of it. Nothing that a client sends, and nothing that a handler throws, ends the process.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { v7 } from "uuid";
import { problem } from "../../shared/protocol/problem.ts";
import type { EventBus } from "../bus/eventBus.ts";
import type { Rules } from "../rules/rules.ts";
import { approvalRoutes } from "./approvals.ts";
import { ClientGoneError } from "./body.ts";
import { eventStreamRoutes } from "./eventStream.ts";
import { eventRoutes } from "./events.ts";
import { Guard } from "./guard.ts";
import { healthRoutes } from "./health.ts";
import { Ingest } from "./ingest.ts";
import { jobLogRoutes } from "./jobLogRoutes.ts";
import { jobRoutes } from "./jobs.ts";
import { metricsRoutes } from "./metrics.ts";
import { problemAnswer, problemHeaders, sendAnswer, toProblem } from "./problemResponse.ts";
import { type Route, RouteTable } from "./route.ts";
import type { Services } from "./services.ts";
import { stateRoutes } from "./state.ts";
import { refuseUpgrade } from "./upgrade.ts";
import { WEB_SOCKET_PATH, WebSocketEndpoint, webSocketRoutes } from "./webSocketEndpoint.ts";

/** A request's head and its body must be here in this time; answers and streams may take as long as they need. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than clients keep an idle connection, so that it is them who close it: the other way round loses requests. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;

/** How long a stop waits for requests that are being answered. */
const STOP_GRACE_MS = 3000;

export interface HttpServerOptions extends Omit<Services, "ingest"> {
  readonly bus: Pick<EventBus, "publish">;
  readonly token: string;
  readonly instanceId: string;
  /** Further names under which the bridge may be addressed, without ports, such as that of `--host`. */
  readonly allowedHosts?: readonly string[];
  readonly extraRoutes?: readonly Route[];
  /** What approvals pass before anybody is asked. */
  readonly rules: Pick<Rules, "concerns" | "pass">;
  /** How often WebSockets are asked whether they are alive. */
  readonly pingIntervalMs?: number;
}

export class HttpServer {
  /** The door for events, for what takes them in by another way than these routes. */
  readonly ingest: Ingest;
  readonly #options: HttpServerOptions;
  readonly #guard: Guard;
  readonly #routes: RouteTable;
  readonly #webSocket: WebSocketEndpoint;
  #isStopping = false;
  readonly #sockets = new Set<Duplex>();
  /** What is being answered, each with what makes it give up. */
  readonly #inFlight = new Map<Promise<void>, AbortController>();

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#guard = new Guard(options);
    const { approvals, bus, instanceId, metrics, rules } = options;
    this.ingest = new Ingest({
      bus,
      metrics,
      rules,
      resolveDecision: (event) => approvals.resolveDecision(event),
      defaults: {
        newEventId: v7,
        nowMs: Date.now,
        source: { component: "api", instance_id: instanceId },
      },
    });
    const services: Services = { ...options, ingest: this.ingest };
    this.#webSocket = new WebSocketEndpoint(services, options.pingIntervalMs);
    this.#routes = new RouteTable([
      ...eventStreamRoutes(services),
      ...eventRoutes(services),
      ...stateRoutes(services),
      ...jobLogRoutes(services),
      ...jobRoutes(services),
      ...approvalRoutes(services),
      ...webSocketRoutes(),
      ...healthRoutes(services),
      ...metricsRoutes(services),
      ...(options.extraRoutes ?? []),
    ]);
  }

  /** Serves a listening (or soon listening) server; there can be several. Closing them is their owner's. */
  attach(server: Server): void {
    server.headersTimeout = HEADERS_TIMEOUT_MS;
    server.requestTimeout = REQUEST_TIMEOUT_MS;
    server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
    server.timeout = 0;
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    server.on("request", (request, response) => this.#begin(request, response));
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    server.on("clientError", (error, socket) => answerClientError(error, socket));
  }

  /**
   * Ends the streams with `stream.closing`, lets requests that are being answered finish, then closes every connection.
   * The owner of the listening sockets closes those first.
   */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const giveUp of this.#inFlight.values()) giveUp.abort();
    await this.#options.streamHub.stop();
    await this.#webSocket.stop();
    const finished = Promise.all(this.#inFlight.keys());
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_GRACE_MS);
    });
    await Promise.race([finished, grace]);
    clearTimeout(timer);
    for (const socket of this.#sockets) socket.destroy();
  }

  #begin(request: IncomingMessage, response: ServerResponse): void {
    const { log } = this.#options;
    const giveUp = new AbortController();
    if (this.#isStopping) giveUp.abort();
    response.on("error", (error) => log.debug("A response broke off", { error }));
    response.once("close", () => giveUp.abort());
    const serving = this.#route(request, response, giveUp.signal)
      .catch((error: unknown) => this.#fail(request, response, error))
      .catch((error: unknown) => log.error("An answer could not be sent", { error }))
      .finally(() => this.#inFlight.delete(serving));
    this.#inFlight.set(serving, giveUp);
  }

  async #route(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    this.#guard.check(request.headers);
    const method = request.method ?? "GET";
    const { path, query } = splitTarget(request.url ?? "");
    const match = this.#routes.match(method, path);
    if (match.kind === "none")
      throw problem("not_found", `There is nothing at ${path}. docs/protocol.md lists the paths.`);
    if (match.kind === "other_methods") {
      const Allow = match.allow.join(", ");
      if (method === "OPTIONS") {
        response.writeHead(204, { Allow }).end();
        return;
      }
      const refusal = problem("method_not_allowed", `${path} takes ${Allow}, not ${method}.`);
      sendAnswer(request, response, problemAnswer(refusal), { Allow });
      return;
    }
    if (this.#isStopping && method === "POST") {
      throw problem("stopping", "The bridge is stopping and takes nothing more; try again in a moment.");
    }
    const answer = await match.route.handle({ request, response, path: match.path, query, signal });
    if (answer !== undefined) sendAnswer(request, response, answer);
  }

  #fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const { log } = this.#options;
    if (response.destroyed || error instanceof ClientGoneError) return;
    const { method, url } = request;
    const isStopping = this.#isStopping && isAbort(error);
    const refusal = isStopping
      ? problem("stopping", "The bridge is stopping; try again in a moment.")
      : toProblem(error, log, `${method} ${url?.split("?")[0]}`);
    // A stream that has begun can only be broken off.
    if (response.headersSent) response.destroy();
    else sendAnswer(request, response, problemAnswer(refusal), problemHeaders(refusal));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { log } = this.#options;
    socket.on("error", (error) => log.debug("An upgraded connection broke off", { error }));
    try {
      this.#guard.check(request.headers);
      const { path, query } = splitTarget(request.url ?? "");
      if (path !== WEB_SOCKET_PATH)
        throw problem("not_found", `There is no WebSocket at ${path}; it is at ${WEB_SOCKET_PATH}.`);
      this.#webSocket.accept(request, socket, head, query);
    } catch (error) {
      refuseUpgrade(socket, toProblem(error, log, `upgrade of ${request.url?.split("?")[0]}`));
    }
  }
}

/** The path stays encoded: whether a `/` or `..` in it is part of an identifier is for the route table to judge. */
function splitTarget(target: string): { readonly path: string; readonly query: URLSearchParams } {
  if (!target.startsWith("/"))
    throw problem("invalid_request", "The request's target must be a path that begins with /.");
  const mark = target.indexOf("?");
  return mark < 0
    ? { path: target, query: new URLSearchParams() }
    : { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) };
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
}

/** What Node's own parser refused: not HTTP, too long a head, or too slow. */
function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const detail =
    error.code === "HPE_HEADER_OVERFLOW"
      ? "The request's head is too large."
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "The request did not arrive in time."
        : "The request is not valid HTTP.";
  refuseUpgrade(socket, problem("invalid_request", detail));
}
