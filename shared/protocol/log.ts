/** Owns the frames of a job's log: over SSE with these names as `event:`, over the WebSocket inside its messages. */

/**
 * Where a log's reader stands: the byte after the last one it has, and which file that counts in. A log that was replaced
 * has another generation.
 */
export interface LogCursor {
  readonly generation: string;
  readonly offset: number;
}

export interface LogFrames {
  /** Whole lines, without their line ends; ANSI sequences are kept. The bytes run from `offset` to `next_offset`. */
  "log.lines": { readonly offset: number; readonly next_offset: number; readonly lines: readonly string[] };
  /** The log has grown past its bound, and what the reader would have read next is gone: it goes on at `to`. */
  "log.gap": { readonly from: number; readonly to: number; readonly reason: "rotated" };
  /** What the reader has is of another file: begin anew at 0. */
  "log.reset": { readonly offset: number };
  /** The job has ended and every byte was sent. */
  "log.end": { readonly offset: number; readonly job_state: string };
}

export type LogFrame = { [T in keyof LogFrames]: { readonly type: T; readonly data: LogFrames[T] } }[keyof LogFrames];

/** Where whoever has taken a frame stands. */
export function offsetBehind({ type, data }: LogFrame): number {
  if (type === "log.lines") return data.next_offset;
  return type === "log.gap" ? data.to : data.offset;
}

const LOG_CURSOR = /^([0-9a-f]{8,32})-(0|[1-9][0-9]{0,15})$/;

export function formatLogCursor({ generation, offset }: LogCursor): string {
  return `${generation}-${offset}`;
}

/** Reads `generation-offset`; undefined when it is not one. */
export function parseLogCursor(text: string): LogCursor | undefined {
  const match = LOG_CURSOR.exec(text);
  const [, generation, offset] = match ?? [];
  return generation === undefined ? undefined : { generation, offset: Number(offset) };
}

/** Answer of `GET /v1/jobs/{job_id}/log` without `follow`. */
export interface LogPage {
  readonly job_id: string;
  readonly generation: string;
  readonly offset: number;
  readonly next_offset: number;
  /** The log's size in bytes. */
  readonly size: number;
  readonly lines: readonly string[];
}

/** Answer of an append: the log's size after it, which is the next chunk's offset. */
export interface LogAppendResult {
  readonly size: number;
}
