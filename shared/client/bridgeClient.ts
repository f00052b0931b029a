/** Owns the bridge's HTTP protocol as functions. One request each; nothing is kept between two calls but what an agent keeps. */
import type { Agent } from "node:http";
import type { EventInput, StoredEvent } from "../events/event.ts";
import type { Approval, ApprovalState, DecisionRequest, DecisionResult } from "../protocol/approval.ts";
import { type EventFilter, filterParameters } from "../protocol/filter.ts";
import type { Health } from "../protocol/health.ts";
import type { LogAppendResult, LogPage } from "../protocol/log.ts";
import { parseProblem } from "../protocol/problem.ts";
import type { PublishResponse, PublishResult } from "../protocol/publish.ts";
import { MAX_BODY_BYTES } from "../protocol/version.ts";
import type { StateSnapshot } from "../state/wire.ts";
import { BridgeUnreachableError } from "./bridgeUnreachableError.ts";
import type { BridgeAddress } from "./openConnection.ts";
import { parseJson } from "./parseJson.ts";
import { publishBatches } from "./publishBatches.ts";
import { readBody, sendRequest } from "./sendRequest.ts";

/** How long the bridge may take to say anything at all; a wait for a decision comes on top. */
const SILENCE_MS = 30_000;

export interface EventsQuery extends EventFilter {
  /** Cursors, or bare numbers: only events after, only events before. */
  readonly after?: string | number;
  readonly before?: string | number;
  readonly limit?: number;
  readonly order?: "asc" | "desc";
  /** Only events with all these words. */
  readonly search?: string;
}

export interface EventsPage {
  readonly events: readonly StoredEvent[];
  /** Where the next page begins; null when there is none. */
  readonly next: string | null;
}

export interface ApprovalsQuery {
  readonly state?: ApprovalState;
  readonly project_id?: string;
  readonly session_id?: string;
}

export interface JsonOptions {
  readonly body?: unknown;
  readonly query?: readonly [string, string][];
  readonly signal?: AbortSignal | undefined;
  readonly silenceMs?: number;
}

/** Every call throws a `ProblemError` when the bridge refuses, and a `BridgeUnreachableError` when there is no answer. */
export class BridgeClient {
  readonly #address: BridgeAddress;
  readonly #agent: Agent | undefined;

  /** @param agent keeps connections from one call to the next; each has one of its own, when absent. */
  constructor(address: BridgeAddress, agent?: Agent) {
    this.#address = address;
    this.#agent = agent;
  }

  /**
   * Publishes events in order, cut into requests that the bridge takes. Give each an `event_id` if you may have to send it
   * again. One event that is refused throws its problem; of several, each refused one has its problem in its result.
   */
  async publish(events: readonly EventInput[], signal?: AbortSignal): Promise<readonly PublishResult[]> {
    const [only, second] = events;
    if (only !== undefined && second === undefined) return this.#publish(JSON.stringify(only), signal);
    const results: PublishResult[] = [];
    for (const batch of publishBatches(events)) results.push(...(await this.publishBatch(batch.events, signal)));
    return results;
  }

  /** Publishes events that are JSON already in one request, a batch be it of one: each refused one has its problem in its result. */
  publishBatch(events: readonly string[], signal?: AbortSignal): Promise<readonly PublishResult[]> {
    return this.#publish(`[${events.join(",")}]`, signal);
  }

  /** The events that pass a filter, at most `limit` of them. */
  async events(query: EventsQuery = {}, signal?: AbortSignal): Promise<readonly StoredEvent[]> {
    return (await this.eventsPage(query, signal)).events;
  }

  /** The same, with the cursor of the page that follows. */
  eventsPage(
    { after, before, limit, order, search, ...filter }: EventsQuery = {},
    signal?: AbortSignal,
  ): Promise<EventsPage> {
    const query = [...filterParameters(filter), ...parameters({ after, before, limit, order, search })];
    return this.json("GET", "/v1/events", { query, signal });
  }

  state(signal?: AbortSignal): Promise<StateSnapshot> {
    return this.json("GET", "/v1/state", { signal });
  }

  /** @param silenceMs how long the bridge may take to answer. */
  health(signal?: AbortSignal, silenceMs = SILENCE_MS): Promise<Health> {
    return this.json("GET", "/healthz", { signal, silenceMs });
  }

  async approvals(filter: ApprovalsQuery = {}, signal?: AbortSignal): Promise<readonly Approval[]> {
    const query = parameters({ ...filter });
    const answer = await this.json<{ approvals: readonly Approval[] }>("GET", "/v1/approvals", { query, signal });
    return answer.approvals;
  }

  /** One approval. With `waitSeconds`, answers once it is decided, or as it is after so long. */
  approval(id: string, options: { waitSeconds?: number; signal?: AbortSignal } = {}): Promise<Approval> {
    const { waitSeconds, signal } = options;
    return this.json("GET", `/v1/approvals/${encodeURIComponent(id)}`, {
      query: parameters({ wait: waitSeconds }),
      signal,
      silenceMs: SILENCE_MS + (waitSeconds ?? 0) * 1000,
    });
  }

  /** Decides an approval; throws the problem `already_decided`, with the approval in its context, when that was late. */
  decide(id: string, request: DecisionRequest, signal?: AbortSignal): Promise<DecisionResult> {
    return this.json("POST", `/v1/approvals/${encodeURIComponent(id)}`, { body: request, signal });
  }

  /** The last `lines` lines of a job's log, or what is there from a byte offset on. */
  logPage(
    jobId: string,
    from: { lines: number } | { offset: number; maxBytes?: number },
    signal?: AbortSignal,
  ): Promise<LogPage> {
    const query =
      "lines" in from
        ? parameters({ lines: from.lines })
        : parameters({ offset: from.offset, max_bytes: from.maxBytes });
    return this.json("GET", `${jobPath(jobId)}/log`, { query, signal });
  }

  /** Appends bytes that begin at `offset` of the job's output, in pieces that the bridge takes. */
  async appendLog(jobId: string, bytes: Uint8Array, offset: number, signal?: AbortSignal): Promise<LogAppendResult> {
    let result: LogAppendResult = { size: offset };
    for (let start = 0; start < bytes.byteLength; start += MAX_BODY_BYTES) {
      const piece = bytes.subarray(start, start + MAX_BODY_BYTES);
      const path = `${jobPath(jobId)}/log?offset=${offset + start}`;
      result = await this.#send("POST", path, piece, "application/octet-stream", { signal });
    }
    return result;
  }

  /** Asks a job's runner to stop it. */
  async cancel(jobId: string, reason?: string, signal?: AbortSignal): Promise<void> {
    const body = reason === undefined ? {} : { reason };
    await this.json("POST", `${jobPath(jobId)}/cancel`, { body, signal });
  }

  /** Any other route of the bridge. `T` is what the protocol says that it answers; undefined for an empty answer. */
  json<T>(method: "GET" | "POST" | "DELETE", path: string, options: JsonOptions = {}): Promise<T> {
    const query = new URLSearchParams(options.query ?? []).toString();
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    return this.#send(method, query === "" ? path : `${path}?${query}`, body, "application/json", options);
  }

  async #publish(body: string, signal?: AbortSignal): Promise<readonly PublishResult[]> {
    const answer = this.#send<PublishResponse>("POST", "/v1/events", body, "application/json", { signal });
    return (await answer).results;
  }

  async #send<T>(
    method: "GET" | "POST" | "DELETE",
    path: string,
    body: string | Uint8Array | undefined,
    contentType: string,
    { signal, silenceMs = SILENCE_MS }: Pick<JsonOptions, "signal" | "silenceMs">,
  ): Promise<T> {
    const response = await sendRequest(this.#address, {
      method,
      path,
      silenceMs,
      headers: { Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": contentType }) },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
      ...(this.#agent === undefined ? {} : { agent: this.#agent }),
    });
    const text = (await readBody(response, signal)).toString();
    const answer = parseAnswer(text);
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer as T;
    throw parseProblem(answer) ?? new BridgeUnreachableError(`what answers there (status ${status}) is not a bridge`);
  }
}

function jobPath(jobId: string): string {
  return `/v1/jobs/${encodeURIComponent(jobId)}`;
}

function parameters(values: Readonly<Record<string, string | number | undefined>>): [string, string][] {
  return Object.entries(values).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
}

function parseAnswer(text: string): unknown {
  if (text === "") return undefined;
  const answer = parseJson(text);
  if (answer === undefined) throw new BridgeUnreachableError("what answers there speaks no JSON");
  return answer;
}
