/**
 * Owns how events look on each transport. Everything that one commit brings to one kind of reader becomes one buffer, made
 * once and written once to each socket: that, and not the encoding itself, is what decides how many readers one core serves.
 */
import { isEventTypeName } from "../../shared/events/domain.ts";
import type { StoredEvent } from "../../shared/events/event.ts";
import type { ControlEvent } from "../../shared/protocol/controlEvent.ts";
import { formatCursor } from "../../shared/protocol/cursor.ts";

export type Transport = "sse" | "ws";

/** An event on its way out: its JSON is made once, however many groups of readers get it. */
export class OutgoingEvent {
  readonly event: StoredEvent;
  #json: string | undefined;

  constructor(event: StoredEvent) {
    this.event = event;
  }

  get json(): string {
    this.#json ??= JSON.stringify(this.event);
    return this.#json;
  }
}

export interface StreamEncoding {
  readonly transport: Transport;
  /** Readers with the same filter and key share their buffers. */
  readonly key: string;
  encodeEvents(events: readonly OutgoingEvent[]): Buffer;
  /** `seq` is where the reader stands with it, for those control events that move its cursor. */
  encodeControl(control: ControlEvent, seq: number | undefined): Buffer;
}

/** One frame of Server-Sent Events. `data` is JSON and so holds no line end; `event` and `id` are ours to choose. */
export function encodeSseFrame(frame: {
  readonly event: string;
  readonly id?: string | undefined;
  readonly json: string;
  readonly retryMs?: number;
}): string {
  const id = frame.id === undefined ? "" : `id: ${frame.id}\n`;
  const retry = frame.retryMs === undefined ? "" : `retry: ${frame.retryMs}\n`;
  return `${id}event: ${frame.event}\n${retry}data: ${frame.json}\n\n`;
}

/** For `GET /v1/events/stream`: the cursor is the frame's `id`. */
export function sseEncoding(epoch: string): StreamEncoding {
  const encode = ({ event, json }: OutgoingEvent) =>
    encodeSseFrame({
      id: formatCursor({ epoch, seq: event.seq }),
      // The door lets no other name in. Checked again, since a line end in it would forge fields for every reader.
      event: isEventTypeName(event.event_type) ? event.event_type : "message",
      json,
    });
  return {
    transport: "sse",
    key: "sse",
    encodeEvents: (events) => Buffer.from(events.map(encode).join("")),
    encodeControl: (control, seq) =>
      Buffer.from(
        encodeSseFrame({
          id: seq === undefined ? undefined : formatCursor({ epoch, seq }),
          event: control.event_type,
          json: JSON.stringify(control.data),
          ...(control.event_type === "stream.closing" ? { retryMs: control.data.retry_ms } : {}),
        }),
      ),
  };
}

/** For a subscription of `/v1/ws`: every message says whose it is. */
export function webSocketEncoding(epoch: string, subscriptionId: string): StreamEncoding {
  const head = `{"op":"events","id":${JSON.stringify(subscriptionId)},"epoch":${JSON.stringify(epoch)},"events":[`;
  return {
    transport: "ws",
    key: `ws:${subscriptionId}`,
    encodeEvents: (events) => Buffer.from(`${head}${events.map(({ json }) => json).join(",")}]}`),
    encodeControl: (control) => Buffer.from(`${head}${JSON.stringify(control)}]}`),
  };
}
