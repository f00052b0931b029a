/**
 * Owns the requests to the bridge that are answered by many frames and outlive a connection: each knows where it was left,
 * and asks for the rest when it is asked again.
 */
import type { StoredEvent } from "../events/event.ts";
import { type ControlEvent, isControlType } from "../protocol/controlEvent.ts";
import { type Cursor, formatCursor, parseCursor } from "../protocol/cursor.ts";
import type { EventFilter } from "../protocol/filter.ts";
import { type LogFrame, offsetBehind } from "../protocol/log.ts";
import type { ClientMessage, ServerMessage } from "../protocol/webSocketMessage.ts";
import { advance } from "./readerPosition.ts";

/** Omits the id of each member of the union. */
export type Request<M = ClientMessage> = M extends ClientMessage ? Omit<M, "id"> : never;

/** What is asked for again at each connection, and gets frames as they come. */
export interface ContinuingRequest {
  /** As it stands now: from where it was left. */
  request(): Request;
  take(message: ServerMessage): void;
}

export interface Subscription {
  readonly filter?: EventFilter;
  /** A cursor to read on from; from now on, when absent. */
  readonly after?: string;
  /** Gets events in the order of their `seq`, each once. */
  readonly onEvents: (batch: readonly StoredEvent[]) => void;
  readonly onControl?: (event: ControlEvent) => void;
}

export interface Tail {
  readonly jobId: string;
  /** Where to begin; the whole log, when absent. */
  readonly from?: { readonly lines: number } | { readonly offset: number };
  /** Gets whole lines, each once; `log.end` is the last. */
  readonly onFrame: (frame: LogFrame) => void;
}

export function subscribing({ filter, after, onEvents, onControl }: Subscription): ContinuingRequest {
  let position: Cursor | undefined = after === undefined ? undefined : parseCursor(after);
  return {
    request: () => ({
      op: "subscribe",
      ...(filter === undefined ? {} : { filter }),
      ...(position === undefined ? {} : { after: formatCursor(position) }),
    }),
    take: (message) => {
      if (message.op !== "events") return;
      let batch: StoredEvent[] = [];
      const flush = () => {
        if (batch.length > 0) onEvents(batch);
        batch = [];
      };
      for (const event of message.events) {
        const item = toItem(event, message.epoch);
        const step = advance(position, item);
        position = step.position;
        if (item.kind === "event") {
          if (step.isNew) batch.push(item.event);
        } else {
          flush();
          onControl?.(item.control);
        }
      }
      flush();
    },
  };
}

/** `onEnd` is called before the last frame is told. */
export function tailing({ jobId, from, onFrame }: Tail, onEnd: () => void): ContinuingRequest {
  let place: NonNullable<Tail["from"]> = from ?? { offset: 0 };
  return {
    request: () => ({ op: "tail", job_id: jobId, ...place }),
    take: (message) => {
      if (message.op !== "log") return;
      const { frame } = message;
      place = { offset: offsetBehind(frame) };
      if (frame.type === "log.end") onEnd();
      onFrame(frame);
    },
  };
}

function toItem(event: StoredEvent | ControlEvent, epoch: string) {
  if (isControl(event)) {
    const id = "seq" in event.data ? { epoch, seq: event.data.seq } : undefined;
    return { kind: "control", control: event, id } as const;
  }
  return { kind: "event", event, id: { epoch, seq: event.seq } } as const;
}

function isControl(event: StoredEvent | ControlEvent): event is ControlEvent {
  return isControlType(event.event_type);
}
