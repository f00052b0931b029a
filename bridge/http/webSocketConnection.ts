/**
 * Owns one client's WebSocket: reads its messages one by one, does what each asks, and answers under its id. A message that
 * is wrong gets a problem, and the connection goes on as before.
 */
import type { WebSocket } from "ws";
import { problem } from "../../shared/protocol/problem.ts";
import type { ServerMessage } from "../../shared/protocol/webSocketMessage.ts";
import type { Outlet } from "../stream/outlet.ts";
import { webSocketEncoding } from "../stream/streamEncoding.ts";
import { readCursor } from "./cursorParameter.ts";
import { DEFAULT_LOG_LINES, followLog, requireLog } from "./jobLog.ts";
import { toProblem } from "./problemResponse.ts";
import type { Services } from "./services.ts";
import {
  parseFrame,
  type Received,
  type ReceivedMessage,
  readGroups,
  readMessage,
  readSubscriptionFilter,
  requestId,
} from "./webSocketFrame.ts";

/** Most subscriptions and tails on one connection. */
export const MAX_STREAMS_PER_SOCKET = 100;

/** Requests that may wait for their answer; beyond them nothing more is read off the connection. */
const MAX_PENDING_REQUESTS = 256;

export class WebSocketConnection {
  readonly #socket: WebSocket;
  readonly #outlet: Outlet;
  readonly #services: Services;
  /** What runs until it is told to end: subscriptions and tails, by the id of their request. */
  readonly #streams = new Map<string, () => void>();
  readonly #attachments = new Map<string, Disposable>();
  #pendingRequests = 0;

  constructor(socket: WebSocket, outlet: Outlet, services: Services) {
    this.#socket = socket;
    this.#outlet = outlet;
    this.#services = services;
    socket.on("message", (data, isBinary) => {
      // With the default `binaryType` a message is one Buffer.
      if (Buffer.isBuffer(data)) this.#receive(data, isBinary);
    });
    outlet.closed.addEventListener("abort", () => this.#release(), { once: true });
  }

  #receive(data: Buffer, isBinary: boolean): void {
    let id: string | null = null;
    try {
      const frame = parseFrame(data, isBinary);
      id = requestId(frame);
      const message = readMessage(frame);
      // Not awaited before the next message is read: what each does first, it does in the order of the messages.
      this.#track(message.id, this.#handle(message, data.length));
    } catch (error) {
      this.#sendProblem(id, error);
    }
  }

  async #handle(message: ReceivedMessage, receivedBytes: number): Promise<void> {
    switch (message.op) {
      case "publish":
        return this.#publish(message, receivedBytes);
      case "subscribe":
        return this.#subscribe(message);
      case "unsubscribe":
        return this.#unsubscribe(message);
      case "log":
        return this.#log(message);
      case "tail":
        return this.#tail(message);
      case "attach":
        return this.#attach(message);
      case "cancel":
        return this.#cancel(message);
    }
  }

  #track(id: string, handling: Promise<void>): void {
    this.#pendingRequests += 1;
    if (this.#pendingRequests >= MAX_PENDING_REQUESTS) this.#socket.pause();
    handling
      .catch((error: unknown) => this.#sendProblem(id, error))
      .finally(() => {
        this.#pendingRequests -= 1;
        if (this.#socket.isPaused) this.#socket.resume();
      });
  }

  async #publish(message: Received<"publish">, receivedBytes: number): Promise<void> {
    const { id, events, groups } = message;
    const { ingest } = this.#services;
    if (events.length === 0) throw problem("invalid_request", "The batch holds no event; send at least one.");
    if (groups === undefined) {
      const results = await ingest.publish(ingest.checkMany(events, receivedBytes));
      this.#send({ op: "published", id, results });
      return;
    }
    const { accepted, refused } = ingest.checkGroups(readGroups(message), receivedBytes);
    const results = await ingest.publish(accepted);
    this.#send({ op: "published", id, results, ...(refused.length === 0 ? {} : { refused }) });
  }

  #subscribe(message: Received<"subscribe">): void {
    const { id, after } = message;
    const { streamHub } = this.#services;
    this.#checkStreamId(id);
    const filter = readSubscriptionFilter(message);
    const cursor = after === undefined ? undefined : readCursor("after", after);
    const encoding = webSocketEncoding(streamHub.epoch, id);
    const reader = streamHub.read({ outlet: this.#outlet, encoding, filter, cursor });
    this.#streams.set(id, () => reader.leave());
  }

  #unsubscribe({ id }: Received<"unsubscribe">): void {
    // What has ended by itself in the meantime is ended as well.
    this.#streams.get(id)?.();
    this.#streams.delete(id);
    this.#send({ op: "done", id });
  }

  async #log({ id, job_id, offset, data }: Received<"log">): Promise<void> {
    const { size } = await this.#services.logs.append(job_id, Buffer.from(data, "base64"), offset);
    this.#send({ op: "logged", id, size });
  }

  async #tail({ id, job_id, lines, offset }: Received<"tail">): Promise<void> {
    this.#checkStreamId(id);
    const end = new AbortController();
    this.#streams.set(id, () => end.abort());
    const from = offset === undefined ? { lines: lines ?? DEFAULT_LOG_LINES } : { offset };
    try {
      await requireLog(this.#services, job_id);
    } catch (error) {
      this.#streams.delete(id);
      throw error;
    }
    // Goes on by itself: a tail that lasts for hours is no request that waits.
    this.#follow(id, job_id, from, end.signal).catch((error: unknown) => this.#sendProblem(id, error));
  }

  async #follow(id: string, jobId: string, from: Parameters<typeof followLog>[2], end: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([end, this.#outlet.closed]);
    try {
      for await (const { frame } of followLog(this.#services, jobId, from, signal)) {
        if (signal.aborted) return;
        const message: ServerMessage = { op: "log", id, frame };
        await this.#outlet.flush(Buffer.from(JSON.stringify(message)), 1);
      }
    } finally {
      if (!end.aborted) this.#streams.delete(id);
    }
  }

  #attach({ id, job_id }: Received<"attach">): void {
    this.#attachments.get(job_id)?.[Symbol.dispose]();
    const attachment = this.#services.jobs.attach(job_id, {
      cancelRequested: (jobId, reason) => this.#send({ op: "cancel_requested", job_id: jobId, reason }),
    });
    this.#attachments.set(job_id, attachment);
    this.#send({ op: "done", id });
  }

  #cancel({ id, job_id, reason }: Received<"cancel">): void {
    const { jobs, projection } = this.#services;
    jobs.cancel(job_id, reason ?? null, projection.state);
    this.#send({ op: "done", id });
  }

  #checkStreamId(id: string): void {
    if (this.#streams.has(id)) throw problem("invalid_request", `The id "${id}" is in use; choose another.`);
    if (this.#streams.size < MAX_STREAMS_PER_SOCKET) return;
    throw problem(
      "invalid_request",
      `One connection takes at most ${MAX_STREAMS_PER_SOCKET} subscriptions and tails; end one first.`,
    );
  }

  #sendProblem(id: string | null, error: unknown): void {
    if (this.#outlet.closed.aborted) return;
    const { document } = toProblem(error, this.#services.log, `a WebSocket message (${id ?? "unreadable"})`);
    this.#send({ op: "problem", id, problem: document });
  }

  #send(message: ServerMessage): void {
    this.#outlet.write(Buffer.from(JSON.stringify(message)), 0);
  }

  #release(): void {
    for (const end of this.#streams.values()) end();
    for (const attachment of this.#attachments.values()) attachment[Symbol.dispose]();
    this.#streams.clear();
    this.#attachments.clear();
  }
}
