/**
 * Owns the messages of `/v1/ws`, one JSON object a frame. A client names each request with an `id` of its own; what
 * answers or belongs to that request carries the same `id`.
 */
import type { EventInput, StoredEvent } from "../events/event.ts";
import type { ControlEvent } from "./controlEvent.ts";
import type { EventFilter } from "./filter.ts";
import type { LogFrame } from "./log.ts";
import type { ProblemDocument } from "./problem.ts";
import type { PublishResult } from "./publish.ts";

export type ClientMessage =
  /** Answered by `published`. */
  | {
      readonly op: "publish";
      readonly id: string;
      readonly events: readonly EventInput[];
      /** How many of the events stand or fall together, one group behind the other; all of them, when absent. */
      readonly groups?: readonly number[];
    }
  /** Answered by `events`, again and again. `after` is a cursor; from now on, when absent. */
  | { readonly op: "subscribe"; readonly id: string; readonly filter?: EventFilter; readonly after?: string }
  /** `id` is the subscription's or tail's. Answered by `done`. */
  | { readonly op: "unsubscribe"; readonly id: string }
  /** Bytes of a job's log, in base64, and where they begin. Answered by `logged`. */
  | { readonly op: "log"; readonly id: string; readonly job_id: string; readonly offset: number; readonly data: string }
  /** Answered by `log` frames until the job ends. `offset` counts bytes, and wins over `lines`, the last of which are sent first. */
  | {
      readonly op: "tail";
      readonly id: string;
      readonly job_id: string;
      readonly lines?: number;
      readonly offset?: number;
    }
  /** This socket's owner runs the job: it is told when somebody cancels it. Answered by `done`. */
  | { readonly op: "attach"; readonly id: string; readonly job_id: string }
  /** Answered by `done` once the job's runner was told. */
  | { readonly op: "cancel"; readonly id: string; readonly job_id: string; readonly reason?: string };

export type ServerMessage =
  | {
      readonly op: "published";
      readonly id: string;
      /** Of the events that were taken in, in their order. */
      readonly results: readonly PublishResult[];
      /** Groups of which nothing was published, counted from 0; absent where there is none. */
      readonly refused?: readonly { readonly group: number; readonly problem: ProblemDocument }[];
    }
  | {
      readonly op: "events";
      readonly id: string;
      readonly epoch: string;
      readonly events: readonly (StoredEvent | ControlEvent)[];
    }
  | { readonly op: "log"; readonly id: string; readonly frame: LogFrame }
  | { readonly op: "logged"; readonly id: string; readonly size: number }
  | { readonly op: "done"; readonly id: string }
  /** Somebody asks that the job, to which this socket is attached, be stopped. */
  | { readonly op: "cancel_requested"; readonly job_id: string; readonly reason: string | null }
  /** `id` is null when the frame could not be read at all. */
  | { readonly op: "problem"; readonly id: string | null; readonly problem: ProblemDocument };

/** Close codes of our own (4000-4999). A reader that was too slow resumes with its cursor. */
export const CLOSE_SLOW_READER = 4008;
export const CLOSE_STOPPING = 4001;
