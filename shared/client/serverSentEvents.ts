/** Owns reading one SSE connection to its end, frame by frame. The only place that knows the `eventsource` package. */
import { EventSource } from "eventsource";
import type { ControlType } from "../protocol/controlEvent.ts";
import type { ProblemError } from "../protocol/problem.ts";
import { nodeFetch } from "./nodeFetch.ts";
import type { BridgeAddress } from "./openConnection.ts";

export interface ServerSentEvent {
  /** The frame's `event:`. */
  readonly type: string;
  /** The frame's own `id:`; empty when it has none. */
  readonly id: string;
  readonly data: string;
}

export interface ServerSentEventsOptions {
  readonly address: BridgeAddress;
  /** Path and query. */
  readonly path: string;
  /** Where to read on from; the stream's own beginning, when absent. */
  readonly lastEventId?: string;
  readonly signal: AbortSignal;
  /** After this long without a frame the connection counts as dead. */
  readonly silenceMs?: number;
  /** Awaited before each chunk is read. */
  readonly beforeRead?: () => Promise<void>;
  readonly onOpen?: () => void;
  /** Must not throw. */
  readonly onFrame: (frame: ServerSentEvent) => void;
}

export interface StreamEnd {
  readonly reason: string;
  /** The HTTP status, when it was not 200. */
  readonly status?: number;
  /** Why the bridge refused, where it said so. */
  readonly problem?: ProblemError;
}

/** The frame in which the bridge says why it ends a stream. */
const CLOSING: ControlType = "stream.closing";

/** Whether a refusal lasts: what was asked for is wrong, or is not there. A token may be another one after a restart. */
export function isLasting({ code, document: { status } }: ProblemError): boolean {
  return status >= 400 && status < 500 && code !== "unauthorized";
}

/**
 * Reads until the connection ends, for whatever reason; never rejects. Reconnecting is the caller's: left to itself,
 * `EventSource` retries at a constant interval, and gives up for good on any status but 200.
 */
export function readServerSentEvents(options: ServerSentEventsOptions): Promise<StreamEnd> {
  const { address, path, lastEventId, signal, silenceMs, beforeRead } = options;
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve({ reason: "It was stopped" });
      return;
    }
    const finish = (end: StreamEnd) => {
      clearTimeout(watchdog);
      signal.removeEventListener("abort", onAbort);
      source.close();
      resolve(end);
    };
    const onAbort = () => finish({ reason: "It was stopped" });
    const watchdog =
      silenceMs === undefined
        ? undefined
        : setTimeout(
            () => finish({ reason: `The bridge was silent for ${Math.round(silenceMs / 1000)} s` }),
            silenceMs,
          );
    signal.addEventListener("abort", onAbort, { once: true });

    let problem: ProblemError | undefined;
    let farewell: string | undefined;
    const source = new FrameSource(new URL(path, address.url), {
      fetch: nodeFetch(address, {
        ...(lastEventId === undefined ? {} : { headers: { "Last-Event-ID": lastEventId } }),
        ...(beforeRead === undefined ? {} : { beforeRead }),
        onProblem: (refusal) => {
          problem = refusal;
        },
      }),
    });
    source.onFrame = (frame) => {
      // Chunks that were read already are still worked off after the end; nobody waits for them any more.
      if (source.readyState === source.CLOSED) return;
      watchdog?.refresh();
      if (frame.type === CLOSING) farewell = closingReason(frame.data);
      options.onFrame(frame);
    };
    source.addEventListener("open", () => {
      watchdog?.refresh();
      options.onOpen?.();
    });
    source.addEventListener("error", ({ code, message }) => {
      const status = code === undefined || code === 200 ? {} : { status: code };
      const refusal = problem === undefined ? {} : { problem };
      finish({ reason: problem?.message ?? farewell ?? describeEnd(code, message), ...status, ...refusal });
    });
  });
}

/** Sees every frame, whatever its type: `EventSource` has listeners for types that one can name, and none for all. */
class FrameSource extends EventSource {
  onFrame: ((frame: ServerSentEvent) => void) | undefined;

  override dispatchEvent(event: Event): boolean {
    if (!(event instanceof MessageEvent)) return super.dispatchEvent(event);
    this.onFrame?.({ type: event.type, id: event.lastEventId, data: String(event.data) });
    return true;
  }
}

function closingReason(json: string): string | undefined {
  const data: { readonly reason?: unknown } | null = JSON.parse(json);
  return typeof data?.reason === "string" ? data.reason : undefined;
}

function describeEnd(code: number | undefined, message: string | undefined): string {
  if (code !== undefined && code !== 200) return `The bridge answered the stream with status ${code}`;
  return message ?? "The bridge ended the stream";
}
