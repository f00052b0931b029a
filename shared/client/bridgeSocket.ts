/**
 * Owns the WebSocket to the bridge: requests and their answers, what goes on over many frames, and coming back after a
 * loss with everything that goes on. The only place of the client that knows the `ws` package.
 */
import type { EventInput } from "../events/event.ts";
import type { LogAppendResult } from "../protocol/log.ts";
import { ProblemError } from "../protocol/problem.ts";
import type { PublishResult } from "../protocol/publish.ts";
import { MAX_BODY_BYTES } from "../protocol/version.ts";
import type { ServerMessage } from "../protocol/webSocketMessage.ts";
import type { Backoff } from "./backoff.ts";
import { BridgeUnreachableError } from "./bridgeUnreachableError.ts";
import type { ConnectionStatus } from "./connectionStatus.ts";
import { type Connect, ConnectionSupervisor, type Session, type SessionEnd } from "./connectionSupervisor.ts";
import {
  type ContinuingRequest,
  type Request,
  type Subscription,
  subscribing,
  type Tail,
  tailing,
} from "./continuingRequest.ts";
import { callSafely, type ErrorReporter, warnOfError } from "./emitter.ts";
import { type CallOutcome, callOutcomes, PublishQueue } from "./publishQueue.ts";
import { runWebSocket, type WebSocketLink } from "./webSocketLink.ts";

export interface BridgeSocketOptions {
  readonly connect: Connect;
  readonly backoff?: Backoff;
  readonly onStatus?: (status: ConnectionStatus) => void;
  /** Somebody asks that an attached job be stopped. */
  readonly onCancelRequested?: (jobId: string, reason: string | null) => void;
  /** Gets what a callback threw and problems that answer nothing asked. Default: a process warning. */
  readonly onError?: ErrorReporter;
}

interface Waiting {
  resolve(message: ServerMessage): void;
  reject(error: Error): void;
}

/** Bytes of a log in one frame: base64 makes a third more of them, and the frame has a bound. */
const LOG_PIECE_BYTES = MAX_BODY_BYTES / 2;

export class BridgeSocket implements AsyncDisposable {
  readonly #options: BridgeSocketOptions;
  readonly #onError: ErrorReporter;
  readonly #supervisor: ConnectionSupervisor;
  readonly #waiting = new Map<string, Waiting>();
  readonly #continuing = new Map<string, ContinuingRequest>();
  readonly #attached = new Map<string, Promise<void>>();
  readonly #publishes = new PublishQueue((calls) => this.#publish(calls));
  #link: WebSocketLink | undefined;
  #lastId = 0;

  constructor(options: BridgeSocketOptions) {
    this.#options = options;
    this.#onError = options.onError ?? warnOfError;
    this.#supervisor = new ConnectionSupervisor({
      ...options,
      onError: this.#onError,
      session: (session) => this.#run(session),
    });
  }

  get status(): ConnectionStatus {
    return this.#supervisor.status;
  }

  start(): void {
    this.#supervisor.start();
  }

  /** Closes the socket; requests that wait for an answer are rejected. */
  async stop(): Promise<void> {
    await this.#supervisor.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Publishes events in order; a refused one has its problem in its result. Calls of one turn travel together.
   *
   * @throws BridgeUnreachableError when there is no connection, or it was lost before the answer: send again, with the
   * same `event_id`s.
   */
  async publish(events: readonly EventInput[]): Promise<readonly PublishResult[]> {
    if (this.#link === undefined) throw notConnected();
    return this.#publishes.add(events);
  }

  /** Appends bytes that begin at `offset` of a job's output. Bytes that are there already are passed over. */
  async log(jobId: string, bytes: Uint8Array, offset: number): Promise<LogAppendResult> {
    let size = offset;
    for (let start = 0; start < bytes.byteLength; start += LOG_PIECE_BYTES) {
      const data = Buffer.from(bytes.subarray(start, start + LOG_PIECE_BYTES)).toString("base64");
      const answer = await this.#ask({ op: "log", job_id: jobId, offset: offset + start, data });
      if (answer.op === "logged") size = answer.size;
    }
    return { size };
  }

  /** Asks a job's runner to stop it. */
  async cancel(jobId: string, reason?: string): Promise<void> {
    await this.#ask({ op: "cancel", job_id: jobId, ...(reason === undefined ? {} : { reason }) });
  }

  /**
   * This socket's owner runs the job: `onCancelRequested` is called for it, now and after each reconnect, until `detach`.
   * Resolves once the bridge knows; without a connection that is when there is one.
   */
  attach(jobId: string): Promise<void> {
    const known = this.#attached.get(jobId);
    if (known !== undefined) return known;
    const attached = new Promise<void>((resolve, reject) => {
      const request = (): Request => ({ op: "attach", job_id: jobId });
      const take = (message: ServerMessage) => {
        if (message.op === "problem") reject(new ProblemError(message.problem));
        else resolve();
      };
      this.#continue(`attach:${jobId}`, { request, take });
    });
    this.#attached.set(jobId, attached);
    return attached;
  }

  /** No more of `attach`. */
  detach(jobId: string): void {
    this.#attached.delete(jobId);
    this.#continuing.delete(`attach:${jobId}`);
  }

  /** Reads events, from a cursor on and over reconnects, until disposed. */
  subscribe(subscription: Subscription): Disposable {
    return this.#continueUntilDisposed(subscribing(subscription));
  }

  /** Follows a job's log, over reconnects, until it ends or is disposed. */
  tail(tail: Tail): Disposable {
    const own = this.#continueUntilDisposed(tailing(tail, () => own[Symbol.dispose]()));
    return own;
  }

  async #run({ entry, signal, opened }: Session): Promise<SessionEnd> {
    try {
      return await runWebSocket({
        address: entry,
        signal,
        onOpen: (link) => {
          this.#link = link;
          opened();
          for (const [id, { request }] of this.#continuing) link.send({ ...request(), id });
        },
        onMessage: (message) => callSafely(() => this.#take(message), this.#onError),
      });
    } finally {
      this.#link = undefined;
      const lost = new BridgeUnreachableError("the connection was lost before the answer");
      for (const { reject } of this.#waiting.values()) reject(lost);
      this.#waiting.clear();
    }
  }

  #ask(request: Request): Promise<ServerMessage> {
    this.#publishes.flush();
    return this.#sendAndWait((link, id) => link.send({ ...request, id }));
  }

  async #publish(calls: readonly (readonly string[])[]): Promise<readonly CallOutcome[]> {
    // Frames follow each other unanswered, so what is refused must not keep back what is not.
    const groups = calls.length === 1 ? "" : `,"groups":[${calls.map(({ length }) => length).join(",")}]`;
    // By hand, since each event is JSON already.
    const events = calls.flat().join(",");
    const answer = await this.#sendAndWait((link, id) =>
      link.sendText(`{"op":"publish","id":"${id}","events":[${events}]${groups}}`),
    );
    if (answer.op !== "published") return [];
    const { results, refused = [] } = answer;
    return callOutcomes(calls, results, new Map(refused.map((each) => [each.group, new ProblemError(each.problem)])));
  }

  #sendAndWait(send: (link: WebSocketLink, id: string) => void): Promise<ServerMessage> {
    const link = this.#link;
    if (link === undefined) return Promise.reject(notConnected());
    const id = this.#newId();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      send(link, id);
    });
  }

  #continue(id: string, continuing: ContinuingRequest): void {
    this.#publishes.flush();
    this.#continuing.set(id, continuing);
    this.#link?.send({ ...continuing.request(), id });
  }

  #continueUntilDisposed(continuing: ContinuingRequest): Disposable {
    const id = this.#newId();
    this.#continue(id, continuing);
    return {
      [Symbol.dispose]: () => {
        if (this.#continuing.delete(id)) this.#link?.send({ op: "unsubscribe", id });
      },
    };
  }

  #take(message: ServerMessage): void {
    if (message.op === "cancel_requested") {
      this.#options.onCancelRequested?.(message.job_id, message.reason);
      return;
    }
    const id = message.id ?? "";
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) {
      this.#waiting.delete(id);
      if (message.op === "problem") waiting.reject(new ProblemError(message.problem));
      else waiting.resolve(message);
      return;
    }
    const continuing = this.#continuing.get(id);
    // An attach takes its own problem; a refused subscription or tail would be refused again at each connection.
    continuing?.take(message);
    if (message.op !== "problem") return;
    this.#continuing.delete(id);
    if (!id.startsWith("attach:")) this.#onError(new ProblemError(message.problem));
  }

  #newId(): string {
    this.#lastId += 1;
    return String(this.#lastId);
  }
}

function notConnected(): BridgeUnreachableError {
  return new BridgeUnreachableError("there is no connection now");
}
