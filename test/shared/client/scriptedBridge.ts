/**
 * A real HTTP, SSE and WebSocket server that speaks the protocol and does as the test says: drops connections in the middle
 * of a frame, falls silent, comes back at another port with another token or with another store.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { WebSocketServer } from "ws";
import type { StoredEvent } from "../../../shared/events/event.ts";
import { formatCursor, parseCursor } from "../../../shared/protocol/cursor.ts";
import type { DiscoveryEntry } from "../../../shared/protocol/discovery.ts";
import type { ClientMessage, ServerMessage } from "../../../shared/protocol/webSocketMessage.ts";
import { reduce } from "../../../shared/state/reduce.ts";
import { EMPTY_STATE } from "../../../shared/state/state.ts";
import { toWire } from "../../../shared/state/wire.ts";

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** Whether it came over the Unix socket. */
  readonly isLocal: boolean;
}

export type Handler = (request: Seen, response: ServerResponse) => void;

export class ScriptedBridge implements AsyncDisposable {
  epoch = "aaaaaaaa";
  events: StoredEvent[] = [];
  /** The oldest that retention left. */
  firstSeq = 1;
  readonly seen: Seen[] = [];
  /** Answers before anything else does, when it is set. */
  override: Handler | undefined;
  onSocketMessage: ((message: ClientMessage, send: (answer: ServerMessage) => void) => void) | undefined;
  #folder: string;
  #servers: Server[] = [];
  #sockets = new Set<Socket>();
  #streams = new Set<ServerResponse>();
  #starts = 0;
  #entry: DiscoveryEntry | undefined;
  #streamCount = 0;
  #streamWaiters: (() => void)[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(): Promise<ScriptedBridge> {
    const bridge = new ScriptedBridge(await mkdtemp(join(tmpdir(), "tv-")));
    await bridge.open();
    return bridge;
  }

  get entry(): DiscoveryEntry {
    if (this.#entry === undefined) throw new Error("It was never open");
    return this.#entry;
  }

  /** How many streams were ever opened. */
  get streamCount(): number {
    return this.#streamCount;
  }

  /** Opens (again), under another port, token and instance. */
  async open(): Promise<void> {
    this.#starts += 1;
    const token = `token-${this.#starts}`;
    const socket = join(this.#folder, `${this.#starts}.sock`);
    const tcp = this.#server(token, false);
    const local = this.#server(token, true);
    await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
    await new Promise<void>((resolve) => local.listen(socket, resolve));
    const { port } = tcp.address() as AddressInfo;
    this.#entry = {
      schema: 1,
      instance_id: `instance-${this.#starts}`,
      pid: process.pid,
      version: "0.1.0",
      protocol: 1,
      socket,
      url: `http://127.0.0.1:${port}`,
      token,
      started_at: "2026-11-23T09:00:00.000Z",
      data_dir: this.#folder,
    };
  }

  /** Cuts every connection, as a killed process does. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)));
    this.#servers = [];
    this.cut();
    await Promise.all(closed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Stores events and sends them to every open stream. */
  append(...events: StoredEvent[]): void {
    this.events.push(...events);
    for (const stream of this.#streams) for (const event of events) stream.write(this.frame(event));
  }

  /** Writes text to every open stream. */
  say(frames: string): void {
    for (const stream of this.#streams) stream.write(frames);
  }

  /** Ends every open stream properly. */
  endStreams(): void {
    for (const stream of this.#streams) stream.end();
  }

  /** Resolves when `count` streams were opened in all. */
  async streamsOpened(count: number): Promise<void> {
    while (this.#streamCount < count) await new Promise<void>((resolve) => this.#streamWaiters.push(resolve));
  }

  frame(event: StoredEvent): string {
    const id = formatCursor({ epoch: this.epoch, seq: event.seq });
    return `id: ${id}\nevent: ${event.event_type}\ndata: ${JSON.stringify(event)}\n\n`;
  }

  get lastSeq(): number {
    return this.events.at(-1)?.seq ?? 0;
  }

  #server(token: string, isLocal: boolean): Server {
    const server = createServer((request, response) => {
      this.#answer(request, response, token, isLocal).catch((error: unknown) => response.destroy(error as Error));
    });
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    const webSockets = new WebSocketServer({ noServer: true });
    server.on("upgrade", (request, socket, head) => {
      if (request.headers.authorization !== `Bearer ${token}`) {
        socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
      }
      webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on("message", (data) => {
          const send = (answer: ServerMessage) => webSocket.send(JSON.stringify(answer));
          this.onSocketMessage?.(JSON.parse(String(data)), send);
        });
      });
    });
    this.#servers.push(server);
    return server;
  }

  async #answer(request: IncomingMessage, response: ServerResponse, token: string, isLocal: boolean): Promise<void> {
    const { method = "", url = "", headers } = request;
    const seen = { method, url, headers, body: await text(request), isLocal };
    this.seen.push(seen);
    if (headers.authorization !== `Bearer ${token}`) return problem(response, 401, "unauthorized");
    if (this.override !== undefined) return this.override(seen, response);
    const { pathname } = new URL(url, "http://bridge");
    if (pathname === "/v1/events/stream") return this.#stream(seen, response);
    if (pathname === "/v1/state") return json(response, 200, this.#snapshot());
    if (pathname === "/healthz") return json(response, 200, { instance_id: this.entry.instance_id });
    problem(response, 404, "not_found");
  }

  #snapshot() {
    return { epoch: this.epoch, seq: this.lastSeq, state: toWire(reduce(EMPTY_STATE, this.events).state) };
  }

  #stream({ headers }: Seen, response: ServerResponse): void {
    const cursor = parseCursor(String(headers["last-event-id"] ?? ""));
    const isReset = cursor !== undefined && (cursor.epoch !== this.epoch || cursor.seq > this.lastSeq);
    const isAged = cursor !== undefined && cursor.seq < this.firstSeq - 1;
    const oldest = this.firstSeq - 1;
    const after = cursor === undefined ? this.lastSeq : isReset || isAged ? oldest : cursor.seq;
    response.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8" });
    const opened = { epoch: this.epoch, first_seq: this.firstSeq, last_seq: this.lastSeq, after };
    response.write(control("stream.opened", opened));
    if (isReset || isAged) {
      const from = isReset ? 1 : (cursor?.seq ?? 0) + 1;
      response.write(control("stream.gap", { from, to: oldest, reason: isReset ? "reset" : "retention" }));
    }
    for (const event of this.events) if (event.seq > after) response.write(this.frame(event));
    response.write(control("stream.caught_up", { seq: this.lastSeq }, `${this.epoch}-${this.lastSeq}`));
    this.#streams.add(response);
    response.on("close", () => this.#streams.delete(response));
    this.#streamCount += 1;
    const waiters = this.#streamWaiters;
    this.#streamWaiters = [];
    for (const wake of waiters) wake();
  }
}

export function control(type: string, data: object, id?: string): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

export function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
}

export function problem(response: ServerResponse, status: number, code: string, context?: object): void {
  json(response, status, {
    type: `urn:televibe:problem:${code}`,
    title: code,
    status,
    code,
    detail: `It is ${code}`,
    context,
  });
}

/** A stored event of a job, or of a type that no version knows yet. */
export function storedEvent(
  seq: number,
  fields: { event_type?: string; job_id?: string; data?: object } = {},
): StoredEvent {
  const { event_type = "job.queued", job_id = `job-${seq}`, data = { instruction: `number ${seq}` } } = fields;
  const event = {
    event_id: `00000000-0000-7000-8000-${String(seq).padStart(12, "0")}`,
    event_type,
    timestamp: "2026-11-23T09:00:00.000Z",
    source: { component: "test", instance_id: "test" },
    project_id: "project",
    session_id: "session",
    job_id,
    data,
    visibility: "public",
    recipients: ["all"],
    seq,
  };
  return event as StoredEvent;
}

/** Resolves once a condition holds that is looked at whenever `changed` is called. */
export class Condition {
  #waiters: (() => void)[] = [];

  changed = (): void => {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  };

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }
}
