/** Owns reading the event stream over one connection after another: its place in it, and what is handed on, in batches. */
import type { StoredEvent } from "../events/event.ts";
import { type ControlEvent, isControlType } from "../protocol/controlEvent.ts";
import { type Cursor, formatCursor, parseCursor } from "../protocol/cursor.ts";
import { type EventFilter, filterParameters } from "../protocol/filter.ts";
import type { ProblemError } from "../protocol/problem.ts";
import { HEARTBEAT_INTERVAL_MS } from "../protocol/version.ts";
import type { Session, SessionEnd } from "./connectionSupervisor.ts";
import { callSafely, type ErrorReporter } from "./emitter.ts";
import { parseJson } from "./parseJson.ts";
import { advance, type StreamItem } from "./readerPosition.ts";
import { isLasting, readServerSentEvents, type ServerSentEvent } from "./serverSentEvents.ts";

/** A stream that is quiet for longer than this is dead: the bridge says something each interval. */
export const SILENCE_MS = 2.5 * HEARTBEAT_INTERVAL_MS;

export interface EventReaderOptions {
  readonly filter?: EventFilter;
  /** Gets events in the order of their `seq`, each once; all that came in one turn of the event loop are one batch. */
  readonly onEvents: (batch: readonly StoredEvent[]) => void;
  readonly onControl?: (event: ControlEvent) => void;
  readonly onError: ErrorReporter;
  readonly silenceMs?: number;
  /** The bridge refuses this stream, for a reason that trying again does not mend. */
  readonly onRefused?: (problem: ProblemError) => void;
}

export class EventReader {
  readonly #options: EventReaderOptions;
  readonly #path: string;
  #received: Cursor | undefined;
  #delivered: Cursor | undefined;
  #pending: StoredEvent[] = [];
  #flushSoon: NodeJS.Immediate | undefined;
  #retryAfterMs: number | undefined;

  constructor(options: EventReaderOptions) {
    this.#options = options;
    const query = new URLSearchParams(filterParameters(options.filter ?? {})).toString();
    this.#path = query === "" ? "/v1/events/stream" : `/v1/events/stream?${query}`;
  }

  /** Everything up to here was handed on; undefined before the first connection, unless it was set. */
  get cursor(): string | undefined {
    return this.#delivered === undefined ? undefined : formatCursor(this.#delivered);
  }

  /** The next connection reads on from here. */
  seek(cursor: string | undefined): void {
    this.#received = cursor === undefined ? undefined : parseCursor(cursor);
    this.#delivered = this.#received;
  }

  /** Reads one connection to its end. */
  async read({ entry, signal, opened }: Session): Promise<SessionEnd> {
    this.#retryAfterMs = undefined;
    const { reason, problem } = await readServerSentEvents({
      address: entry,
      path: this.#path,
      ...(this.#received === undefined ? {} : { lastEventId: formatCursor(this.#received) }),
      signal,
      silenceMs: this.#options.silenceMs ?? SILENCE_MS,
      onOpen: opened,
      onFrame: (frame) => this.#take(frame),
    });
    this.#flush();
    const { onRefused, onError } = this.#options;
    if (problem !== undefined && onRefused !== undefined && isLasting(problem)) {
      callSafely(() => onRefused(problem), onError);
    }
    return this.#retryAfterMs === undefined ? { reason } : { reason, retryAfterMs: this.#retryAfterMs };
  }

  #take(frame: ServerSentEvent): void {
    const item = parseFrame(frame);
    if (item === undefined) {
      // One frame that cannot be read is dropped and told; the rest of the stream is good.
      this.#options.onError(new Error(`The bridge sent a frame that is not understood: ${frame.type} ${frame.id}`));
      return;
    }
    const { position, isNew } = advance(this.#received, item);
    this.#received = position;
    if (item.kind === "control") this.#takeControl(item.control);
    else if (isNew) this.#queue(item.event);
  }

  #takeControl(control: ControlEvent): void {
    // What came before it is handed on before it.
    this.#flush();
    this.#delivered = this.#received;
    if (control.event_type === "stream.closing") this.#retryAfterMs = control.data.retry_ms;
    const { onControl, onError } = this.#options;
    if (onControl !== undefined) callSafely(() => onControl(control), onError);
  }

  #queue(event: StoredEvent): void {
    this.#pending.push(event);
    this.#flushSoon ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    clearImmediate(this.#flushSoon);
    this.#flushSoon = undefined;
    if (this.#pending.length === 0) return;
    const batch = this.#pending;
    this.#pending = [];
    this.#delivered = this.#received;
    callSafely(() => this.#options.onEvents(batch), this.#options.onError);
  }
}

/** Reads a frame; undefined when it is not one of the protocol's. */
export function parseFrame({ type, id, data }: ServerSentEvent): StreamItem | undefined {
  const value = parseObject(data);
  if (value === undefined) return undefined;
  const cursor = parseCursor(id);
  // The bridge is trusted to send what its types say; what is looked at here tells frames apart.
  if (isControlType(type)) {
    return { kind: "control", control: { event_type: type, data: value } as ControlEvent, id: cursor };
  }
  if (!("seq" in value) || typeof value.seq !== "number" || !("event_type" in value)) return undefined;
  return { kind: "event", event: value as StoredEvent, id: cursor };
}

function parseObject(text: string): object | undefined {
  const value = parseJson(text);
  return typeof value === "object" && value !== null ? value : undefined;
}
